/** Latencies in microseconds, in buckets less than one percent wide. */
export interface Histogram {
  add(microseconds: number): void;
  /** The value below which this share (0 to 1) of the samples lies, in milliseconds. */
  percentile(share: number): number;
  clear(): void;
}

const subBuckets = 128;
const subBits = 7;

export function createHistogram(): Histogram {
  // Enough for 2^36 µs, more than any round lasts.
  const counts = new Uint32Array(subBuckets * 30);
  let total = 0;
  return {
    add(microseconds) {
      counts[bucketOf(Math.max(0, Math.round(microseconds)))]! += 1;
      total += 1;
    },
    percentile(share) {
      let left = Math.max(1, Math.ceil(total * share));
      for (let index = 0; index < counts.length; index += 1) {
        left -= counts[index]!;
        if (left <= 0) return valueOf(index) / 1000;
      }
      return 0;
    },
    clear() {
      counts.fill(0);
      total = 0;
    },
  };
}

/** Below 128 a bucket for each value; above, 128 buckets for each doubling. */
function bucketOf(value: number): number {
  if (value < subBuckets) return value;
  const exponent = 31 - Math.clz32(value) - subBits;
  return (exponent + 1) * subBuckets + ((value >>> exponent) - subBuckets);
}

function valueOf(bucket: number): number {
  if (bucket < subBuckets) return bucket;
  const exponent = Math.floor(bucket / subBuckets) - 1;
  return ((bucket % subBuckets) + subBuckets + 0.5) * 2 ** exponent;
}
