// A file system in memory, as programs of GOOS=js want it in globalThis.fs. It knows files and
// folders; all belongs to everyone, and times are those of writing. It tells what has changed: changed(path, bytes), bytes
// null where it was removed; the path of a folder ends with /.
function makeFiles({ written, read, changed = () => {} }) {
  const files = new Map(); // path → { bytes, size, time, mode }
  const folders = new Set(["/", "/tmp", "/dev"]);
  const open = new Map(); // number → { file, path, folder, at, append, reads, writes, dirty }
  let next = 3, here = "/";
  const constants = { O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 64, O_EXCL: 128, O_TRUNC: 512, O_APPEND: 1024, O_DIRECTORY: 65536, O_SYNC: 1052672 };

  function fail(code) { throw Object.assign(new Error(code), { code }); }
  function full(path) {
    const parts = [];
    for (const part of (path.startsWith("/") ? path : `${here}/${path}`).split("/")) {
      if (part === "..") parts.pop();
      else if (part && part !== ".") parts.push(part);
    }
    return "/" + parts.join("/");
  }
  const parent = (path) => path.slice(0, path.lastIndexOf("/")) || "/";
  function make(folder) { for (; folder !== "/"; folder = parent(folder)) folders.add(folder); }
  function about(path, file, folder) {
    const time = file?.time ?? 0, mode = folder ? 0o40755 : file ? 0o100000 | (file.mode ?? 0o644) : 0o20620;
    return { dev: 1, ino: 1, mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size: file?.size ?? 0, blksize: 4096, blocks: 0,
      atimeMs: time, mtimeMs: time, ctimeMs: time, isDirectory: () => Boolean(folder) };
  }
  function status(path) {
    path = full(path);
    if (!files.has(path) && !folders.has(path)) fail(files.has(parent(path)) ? "ENOTDIR" : "ENOENT");
    return about(path, files.get(path), folders.has(path));
  }
  function resize(file, size) {
    if (size > file.bytes.length) {
      if (size > 1 << 30) fail("EFBIG");
      const bytes = new Uint8Array(Math.max(size, 2 * file.bytes.length, 512));
      bytes.set(file.bytes.subarray(0, file.size));
      file.bytes = bytes;
    } else if (size < file.size) file.bytes.fill(0, size, file.size);
    file.size = size;
    file.time = Date.now();
  }
  function opened(number) { return open.get(number) ?? fail("EBADF"); }
  function tell(path) { const file = files.get(path); changed(path, file ? file.bytes.subarray(0, file.size) : null); }

  function move(from, to) {
    if (from === "/" || from === here) fail("EBUSY");
    if (files.has(to)) fail("ENOTDIR");
    if (to.startsWith(`${from}/`)) fail("EINVAL");
    if (!folders.has(parent(to))) fail("ENOENT");
    if (from === to) return;
    if (folders.has(to) && calls.readdir(to).length) fail("ENOTEMPTY");
    const inside = (path) => path === from || path.startsWith(`${from}/`), there = (path) => to + path.slice(from.length);
    for (const folder of [...folders].filter(inside)) {
      folders.add(there(folder));
      changed(`${there(folder)}/`, new Uint8Array(0));
    }
    for (const path of [...files.keys()].filter(inside)) calls.rename(path, there(path));
    for (const folder of [...folders].filter(inside).reverse()) {
      folders.delete(folder);
      changed(`${folder}/`, null);
    }
  }

  const calls = {
    open(path, flags, mode) {
      path = full(path);
      if (folders.has(path)) {
        if (flags & 3) fail("EISDIR");
        open.set(next, { folder: path });
        return next++;
      }
      let file = files.get(path);
      if (flags & constants.O_DIRECTORY) fail(file ? "ENOTDIR" : "ENOENT");
      if (!file) {
        if (!(flags & constants.O_CREAT) || !folders.has(parent(path))) fail(files.has(parent(path)) ? "ENOTDIR" : "ENOENT");
        files.set(path, file = { bytes: new Uint8Array(0), size: 0, time: Date.now(), mode: mode & ~0o022 });
      } else if (flags & constants.O_CREAT && flags & constants.O_EXCL) fail("EEXIST");
      const writes = Boolean(flags & 3), reads = (flags & 3) !== constants.O_WRONLY;
      if (flags & constants.O_TRUNC && writes) resize(file, 0);
      open.set(next, { file, path, at: 0, append: flags & constants.O_APPEND, reads, writes, dirty: writes && Boolean(flags & (constants.O_TRUNC | constants.O_CREAT)) });
      return next++;
    },
    close(number) {
      const handle = number < 3 ? {} : opened(number);
      open.delete(number);
      if (handle.dirty) tell(handle.path);
    },
    stat: status,
    lstat: status,
    fstat(number) {
      if (number < 3) return about("", null, false);
      const handle = opened(number);
      return about(handle.path, handle.file, handle.folder);
    },
    mkdir(path) {
      path = full(path);
      if (folders.has(path) || files.has(path)) fail("EEXIST");
      if (!folders.has(parent(path))) fail("ENOENT");
      folders.add(path);
      changed(`${path}/`, new Uint8Array(0));
    },
    readdir(path) {
      path = full(path);
      if (!folders.has(path)) fail(files.has(path) ? "ENOTDIR" : "ENOENT");
      const inside = path === "/" ? "/" : path + "/", names = new Set();
      for (const name of [...files.keys(), ...folders]) {
        if (name !== path && name.startsWith(inside)) names.add(name.slice(inside.length).split("/")[0]);
      }
      return [...names].sort();
    },
    rename(from, to) {
      from = full(from);
      to = full(to);
      if (folders.has(from)) return move(from, to);
      const file = files.get(from) ?? fail("ENOENT");
      if (folders.has(to)) fail("EISDIR");
      if (!folders.has(parent(to))) fail("ENOENT");
      files.delete(from);
      files.set(to, file);
      for (const handle of open.values()) if (handle.file === file) handle.path = to;
      tell(to); // first: who hears of one only has a file
      tell(from);
    },
    unlink(path) {
      path = full(path);
      if (folders.has(path)) fail("EISDIR");
      if (!files.delete(path)) fail("ENOENT");
      tell(path);
    },
    rmdir(path) {
      path = full(path);
      if (!folders.has(path)) fail(files.has(path) ? "ENOTDIR" : "ENOENT");
      if (calls.readdir(path).length) fail("ENOTEMPTY");
      folders.delete(path);
      changed(`${path}/`, null);
    },
    truncate(path, size) { resize(files.get(full(path)) ?? fail("ENOENT"), size); tell(full(path)); },
    ftruncate(number, size) { const handle = opened(number); resize(handle.file, size); handle.dirty = true; },
    chmod(path, mode) {
      status(path);
      const file = files.get(full(path));
      if (file) file.mode = mode & 0o777;
    },
    utimes(path) { status(path); },
    fchmod(number, mode) { const { file } = opened(number); if (file) file.mode = mode & 0o777; },
    chown() {}, fchown() {}, lchown() {}, fsync() {},
    link() { fail("ENOSYS"); },
    symlink() { fail("ENOSYS"); },
    readlink(path) { status(path); fail("EINVAL"); },
  };

  const fs = {
    constants,
    writeSync(number, bytes) { written(number, bytes); return bytes.length; },
    write(number, bytes, offset, length, position, callback) {
      try {
        const part = bytes.subarray(offset, offset + length);
        if (number === 1 || number === 2) written(number, part);
        else {
          const handle = opened(number);
          if (!handle.writes) fail("EBADF");
          const { file } = handle, at = position ?? (handle.append ? file.size : handle.at);
          if (at + length > file.size) resize(file, at + length);
          file.bytes.set(part, at);
          handle.dirty = true;
          if (position === null || position === undefined) handle.at = at + length;
        }
      } catch (error) { callback(error); return; }
      callback(null, length);
    },
    read(number, bytes, offset, length, position, callback) {
      if (number === 0) { read(bytes.subarray(offset, offset + length), callback); return; }
      let n;
      try {
        const handle = opened(number);
        if (!handle.file) fail("EISDIR");
        if (!handle.reads) fail("EBADF");
        const at = position ?? handle.at;
        n = Math.max(0, Math.min(length, handle.file.size - at));
        bytes.set(handle.file.bytes.subarray(at, at + n), offset);
        if (position === null || position === undefined) handle.at = at + n;
      } catch (error) { callback(error); return; }
      callback(null, n);
    },
  };
  for (const [name, call] of Object.entries(calls)) {
    fs[name] = (...given) => {
      const callback = given.pop();
      let result;
      try { result = call(...given); } catch (error) { callback(error); return; }
      callback(null, result);
    };
  }
  return {
    fs,
    process: { getuid: () => 0, getgid: () => 0, geteuid: () => 0, getegid: () => 0, getgroups: () => [], pid: 1, ppid: 0,
      umask: () => 0o022, cwd: () => here, chdir(path) { path = full(path); if (!folders.has(path)) fail("ENOENT"); here = path; } },
    put(path, bytes) {
      make(parent(path)); // of a folder, it
      if (!path.endsWith("/")) files.set(path, { bytes, size: bytes.length, time: Date.now() });
    },
    get(path) { const file = files.get(path); return file && file.bytes.subarray(0, file.size); },
    take(path) { // what is in it, and leaves it empty
      const file = files.get(path), bytes = file.bytes.subarray(0, file.size);
      Object.assign(file, { bytes: new Uint8Array(0), size: 0 });
      return bytes;
    },
    under: (folder) => [...files].filter(([path]) => path.startsWith(`${folder}/`)).map(([path, file]) => [path, file.bytes.subarray(0, file.size)]),
    remove(path) { files.delete(path); },
    enter(path) { make(path); here = path; },
    // What is open now; what it returns makes it so again, with nothing written since.
    keep() {
      const kept = [...open].map(([number, handle]) => [number, { ...handle }]), at = next;
      return () => {
        open.clear();
        for (const [number, handle] of kept) {
          open.set(number, { ...handle });
          if (handle.writes) resize(handle.file, 0);
        }
        next = at;
      };
    },
    closeAll() { for (const handle of open.values()) if (handle.dirty) tell(handle.path); open.clear(); },
  };
}
