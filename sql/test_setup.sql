-- what all tests here share: schema t (test/tools/seatlock_test--1.0.sql) and a hall
CREATE EXTENSION seatlock_test;
SELECT seatlock.create_grid('hall', 'Stalls', 4, 10, 'Standard');
