import { Logger, makeWorkerUtils, run, runMigrations } from "graphile-worker";
import { main } from "./common.mjs";

const logger = new Logger(() => (level, message) => {
  if (level === "error" || level === "warning") console.error(message);
});

await main({
  async install(connectionString) {
    await runMigrations({ connectionString, logger });
  },

  async work({ url, concurrency }, perform) {
    const concurrentJobs = concurrency ?? 24;
    const preset = {
      worker: {
        connectionString: url,
        concurrentJobs,
        maxPoolSize: 25,
        localQueue: { size: concurrency === null ? 500 : concurrency + 1 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    };
    await run({ preset, logger, taskList: { noop: ({ number }) => perform(number) } });
  },

  async connect(connectionString) {
    const utils = await makeWorkerUtils({ connectionString, maxPoolSize: 1, logger });
    return {
      one: (number) => utils.addJob("noop", { number }),
      many: (numbers) =>
        utils.addJobs(numbers.map((number) => ({ identifier: "noop", payload: { number } }))),
    };
  },
});
