// Go in the browser: a WebAssembly module that Go built for WASI, whose functions a script calls.

// start starts a module, gzipped and in base64, and returns its exports.
export async function start(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { instance } = await WebAssembly.instantiate(await new Response(unpacked).arrayBuffer(), { wasi_snapshot_preview1: wasi(() => instance.exports.memory.buffer) });
  instance.exports._initialize();
  return instance.exports;
}

// wasi is as much of a system as a Go program asks for that only computes: clock, chance, and a place for what it
// prints when it fails. Source: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
function wasi(memory) {
  const none = (count, size) => {
    const view = new DataView(memory());
    view.setUint32(count, 0, true);
    view.setUint32(size, 0, true);
    return 0;
  };
  const badFile = () => 8; // there are no files
  return {
    fd_fdstat_get: badFile,
    fd_fdstat_set_flags: badFile,
    fd_prestat_get: badFile,
    fd_prestat_dir_name: badFile,
    args_sizes_get: none,
    environ_sizes_get: none,
    args_get: () => 0,
    environ_get: () => 0,
    sched_yield: () => 0,
    poll_oneoff: () => 0, // a pause of no time
    clock_time_get(clock, precision, at) {
      new DataView(memory()).setBigUint64(at, BigInt(Math.round(1e6 * performance.now())), true);
      return 0;
    },
    random_get(at, length) {
      crypto.getRandomValues(new Uint8Array(memory(), at, length));
      return 0;
    },
    fd_write(file, parts, count, written) {
      const view = new DataView(memory());
      let length = 0;
      for (let i = parts; i < parts + 8 * count; i += 8) {
        const bytes = new Uint8Array(memory(), view.getUint32(i, true), view.getUint32(i + 4, true));
        console.error(new TextDecoder().decode(bytes));
        length += bytes.length;
      }
      view.setUint32(written, length, true);
      return 0;
    },
    proc_exit(code) { throw new Error(`the Go program ended with status ${code}`); },
  };
}
