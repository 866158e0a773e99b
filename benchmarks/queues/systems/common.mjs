// The processes of the Node systems; process.py, client.py and starts.py do the same for Python.

import { createInterface } from "node:readline";
import { ftruncateSync, openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { join } from "node:path";

const WORD = 8;
const FLUSH = 10; // milliseconds

// Return seconds of the system's monotonic clock, like Python's time.monotonic().
export function now() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}

// See starts.py. Node cannot map files, so changes are written every few milliseconds.
class StartLog {
  constructor(folder, slots) {
    this.words = new Float64Array(slots + 1);
    this.bytes = Buffer.from(this.words.buffer);
    this.first = Infinity;
    this.last = -1;
    setInterval(() => this.flush(folder), FLUSH).unref();
  }

  add(number) {
    const slot = number + 1;
    if (slot < this.words.length) {
      this.words[slot] = now();
      if (slot < this.first) this.first = slot;
      if (slot > this.last) this.last = slot;
    }
    this.words[0] += 1;
    this.dirty = true;
  }

  flush(folder) {
    if (!this.dirty) return;
    if (this.file === undefined) {
      this.file = openSync(join(folder, String(process.pid)), "w");
      ftruncateSync(this.file, this.bytes.length);
    }
    if (this.last >= 0) {
      const start = this.first * WORD;
      writeSync(this.file, this.bytes, start, (this.last + 1) * WORD - start, start);
    }
    writeSync(this.file, this.bytes, 0, WORD, 0);
    this.first = Infinity;
    this.last = -1;
    this.dirty = false;
  }
}

// Return the job of this worker process, as BENCH_HANDLER says.
export function handler() {
  const log = new StartLog(process.env.BENCH_STARTS, Number(process.env.BENCH_SLOTS));
  const [, work, seconds] = process.env.BENCH_HANDLER.split(":");
  const milliseconds = Number(seconds) * 1000;
  if (work === "sleep") {
    return async (number) => {
      log.add(number);
      await pause(milliseconds);
    };
  }
  return async (number) => log.add(number);
}

// See client.py. `connect` returns a connection's { one(number), many(numbers) }.
async function client(options, connect) {
  const enqueuers = [];
  for (let n = 0; n < options.connections; n++) enqueuers.push(await connect(options.url));
  const input = createInterface({ input: process.stdin });
  const go = new Promise((resolve) => input.once("line", resolve));
  console.log("ready");
  await go;
  const started = now();
  const end = started + options.seconds;
  const last = options.first + options.jobs;
  const commits = [];
  let next = options.first;
  let jobs = 0;

  function take() {
    if (now() >= end) return [];
    const numbers = [];
    while (numbers.length < options.batch && next < last) numbers.push(next++);
    return numbers;
  }

  async function atFullSpeed(enqueuer) {
    for (let numbers; (numbers = take()).length; jobs += numbers.length) {
      await (options.batch === 1 ? enqueuer.one(numbers[0]) : enqueuer.many(numbers));
    }
  }

  async function atFixedRate(enqueuer, phase) {
    let due = now() + phase * options.interval;
    for (let numbers; (numbers = take()).length; jobs++) {
      const jitter = (Math.random() - 0.5) * 0.5 * options.interval;
      await pause(Math.max(0, (due + jitter - now()) * 1000));
      due += options.interval;
      await enqueuer.one(numbers[0]);
      commits.push([numbers[0], now()]);
    }
  }

  await Promise.all(
    enqueuers.map((enqueuer, position) =>
      options.interval
        ? atFixedRate(enqueuer, position / enqueuers.length)
        : atFullSpeed(enqueuer),
    ),
  );
  const seconds = now() - started;
  process.stdout.write(JSON.stringify({ jobs, seconds, commits }) + "\n", () => process.exit(0));
}

// Run the role that this process was started for.
export async function main({ install, work, connect }) {
  const [role, text] = process.argv.slice(2);
  const options = JSON.parse(text);
  if (role === "install") {
    await install(options.url);
    process.exit(0);
  } else if (role === "worker") {
    await work(options, handler());
  } else {
    await client(options, connect);
  }
}
