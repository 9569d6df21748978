/** How long to wait before the next attempt: doubled each time, spread by chance so that clients do not come back in step. */
export class Backoff {
  attempts = 0;

  /** @param {{min: number, max: number, jitter: number, random?: () => number}} settings Milliseconds; jitter 0 to 1. */
  constructor({ min, max, jitter, random = Math.random }) {
    this.min = min;
    this.max = max;
    this.jitter = jitter;
    this.random = random;
  }

  /** Milliseconds until the next attempt, which is counted. */
  duration() {
    let delay = this.min * 2 ** this.attempts++;
    if (this.jitter > 0) {
      const deviation = Math.floor(this.random() * this.jitter * delay);
      delay += Math.floor(this.random() * 10) & 1 ? deviation : -deviation;
    }
    return Math.floor(Math.min(delay, this.max));
  }

  reset() {
    this.attempts = 0;
  }
}
