/*-------------------------------------------------------------------------
 *
 * shmem.h
 *		The shared memory of all parts, asked for and attached in one place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SHMEM_H
#define SEATLOCK_SHMEM_H

extern void sl_shmem_install(void);

#endif /* SEATLOCK_SHMEM_H */
