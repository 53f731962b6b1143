/** What is worked out for a value once, by the code that it has in a list; blocks share their lists of values. */
export type CodeMemo<Value> = (list: readonly Value[], codes: Uint32Array) => Int32Array;

/** Not worked out yet. */
const unknown = -0x80_00_00_00;

/**
 * Gives for a list an array by code, in which every one of the codes has what `judge` says of its value. A typed array,
 * because one of the language's own with holes in it is many times slower.
 */
export function createCodeMemo<Value>(judge: (value: Value) => number): CodeMemo<Value> {
  let of: readonly Value[] | undefined;
  let known = new Int32Array(0);
  return (list, codes) => {
    if (of !== list) {
      of = list;
      known = new Int32Array(list.length).fill(unknown);
    } else if (known.length < list.length) {
      const more = new Int32Array(list.length * 2).fill(unknown);
      more.set(known);
      known = more;
    }
    for (let at = 0; at < codes.length; at += 1) {
      const code = codes[at]!;
      if (known[code] === unknown) known[code] = judge(list[code]!);
    }
    return known;
  };
}
