import { PgBoss } from "pg-boss";
import { main } from "./common.mjs";

const QUEUE = "noop";

async function started(options) {
  const boss = new PgBoss(options);
  boss.on("error", console.error);
  await boss.start();
  return boss;
}

await main({
  async install(connectionString) {
    const boss = await started({ connectionString });
    await boss.createQueue(QUEUE, { notify: true });
    await boss.stop();
  },

  async work({ url, concurrency }, perform) {
    const boss = await started({ connectionString: url, useListenNotify: true });
    const options = {
      localConcurrency: 2,
      batchSize: concurrency === null ? 1000 : Math.ceil(concurrency / 2),
      burstWhenBatchFull: true,
      pollingIntervalSeconds: 0.5,
    };
    await boss.work(QUEUE, options, (jobs) =>
      Promise.all(jobs.map((job) => perform(job.data.number))),
    );
  },

  async connect(connectionString) {
    // A client only: no maintenance, no schedules.
    const options = { connectionString, max: 1, supervise: false, schedule: false };
    const boss = await started(options);
    return {
      one: (number) => boss.send(QUEUE, { number }),
      many: (numbers) => boss.insert(QUEUE, numbers.map((number) => ({ data: { number } }))),
    };
  },
});
