// Prisma 7: npm install prisma @prisma/client @prisma/adapter-pg; $queryRaw binds what is in ${}.
// schema.prisma needs no models for this; npx prisma generate once
// (PRISMA_SCHEMA_ENGINE_BINARY=/bin/true where binaries.prisma.sh cannot be reached).
// Prisma takes times for UTC whatever the session's TimeZone: send ISO text, read expires_in_seconds,
// or ALTER ROLE … SET timezone = 'UTC'.
import { PrismaPg } from '@prisma/adapter-pg';
import prismaClient from '@prisma/client';
import { event, inAnHour, step, url } from './report.mjs';

const prisma = new prismaClient.PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
let first;
// Prisma's own code is P2010 for all of them
const sqlstate = (error) => error.meta?.driverAdapterError?.cause?.originalCode ?? error.meta?.code;

await step('claim', async () => {
  [first] = await prisma.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${['A-1', 'A-2']}, ${'ann'})`;
  return [first.outcome, first.seats.length];
});
await step('conflicts', async () => {
  const [r] = await prisma.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${['A-2', 'A-3']}, ${'bob'})`;
  return [r.outcome, r.conflicts[0].seat, r.conflicts[0].reason];
});
await step('add', async () => {
  const [r] = await prisma.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${'A-3'}, ${'ann'}, token => ${first.token})`;
  return [r.outcome, r.seats.length];
});
await step('best', async () => {
  const [r] = await prisma.$queryRaw`SELECT * FROM seatlock.claim_best(${event}, ${3}, ${'bob'})`;
  return [r.outcome, r.seats.length, r.together];
});
await step('confirm', async () => {
  const [r] = await prisma.$queryRaw`SELECT * FROM seatlock.confirm(${event}, ${first.token}, ${'order 4711'})`;
  return [r.outcome, r.replayed];
});
await step('replay', async () => {
  const call = () => prisma.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${'D-1'}, ${'ann'}, request_key => ${'cart 1'})`;
  const [[a], [b]] = [await call(), await call()];
  return [b.outcome, b.replayed, a.token === b.token];
});
await step('now', async () => {
  try {
    const [r] = await prisma.$queryRaw`SELECT * FROM seatlock.claim_now(${event}, ${'D-2'}, ${'ann'}, request_key => ${'cart 2'})`;
    return r.outcome;
  } catch (error) {
    return sqlstate(error);
  }
});
await step('unknown', async () => {
  try {
    await prisma.$queryRaw`SELECT * FROM seatlock.claim(${'no such event'}, ${'A-1'}, ${'ann'})`;
  } catch (error) {
    return sqlstate(error);
  }
});
await step('nulls', async () =>
  (await prisma.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${'E-1'}, ${'ann'}, ${null}, ${null}, ${null})`)[0].outcome);
await step('named', async () =>
  (await prisma.$queryRaw`SELECT * FROM seatlock.claim(event => ${event}, holder => ${'ann'}, seats => ${'E-2'}, ttl_seconds => ${600})`)[0].outcome);
await step('ints', async () => (await prisma.$queryRaw`SELECT * FROM seatlock.claim_best(${event}, ${2}, ${'ann'})`)[0].outcome);
await step('time', async () => {
  await prisma.$queryRaw`SELECT seatlock.create_event(${event + ' later'}, ${'Odeon'}, opens_at => ${inAnHour().toISOString()})`;
  const [r] = await prisma.$queryRaw`SELECT * FROM seatlock.claim(${event + ' later'}, ${'A-1'}, ${'ann'})`;
  return [r.outcome, first.expires_in_seconds];
});
await step('tx', async () => {
  let refused, won;
  await prisma.$transaction(async (tx) => {
    [refused] = await tx.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${'A-1'}, ${'cy'})`;
    [won] = await tx.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${['F-1', 'F-2']}, ${'cy'})`;
    throw new Error('changed my mind');
  }).catch((error) => { if (error.message !== 'changed my mind') throw error; });
  const [after] = await prisma.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${'F-1'}, ${'dan'})`;
  return [refused.outcome, won.outcome, after.outcome];
});
await step('many', async () => {
  let held = 0;
  for (let n = 1; n <= 12; n++)
    held += (await prisma.$queryRaw`SELECT * FROM seatlock.claim(${event}, ${`H-${n}`}, ${'eve'})`)[0].ok;
  return held;
});
await prisma.$disconnect();
