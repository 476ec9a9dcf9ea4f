internal import CLinux
internal import Glibc

/// Closes the file system to this thread and those that it starts, for good: from now on they make,
/// change, remove and run no file, whoever it belongs to. What is open stays open, and all can be
/// read as before.
///
/// It is the kernel's Landlock, which asks for no_new_privs.
///
/// - Parameter folders: where files may be removed all the same.
/// - Returns: false where this kernel has no Landlock.
package func closeFiles(removableIn folders: [String] = []) throws(Errno) -> Bool {
  let version = landlock_version()
  guard version > 0 else { return false }
  // What the first version can close but for reading, which are bits 2 and 3, and truncate(2).
  var closed = (UInt64(LANDLOCK_ACCESS_FS_MAKE_SYM) << 1) - 1
  closed &= ~UInt64(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
  if version >= 3 { closed |= truncating }
  let ruleset = CInt(try valueOrErrno { landlock_ruleset(closed) })
  defer { close(ruleset) }
  for folder in folders {
    let descriptor = CInt(try valueOrErrno { Int(unsafe open(folder, O_RDONLY | O_CLOEXEC)) })
    defer { close(descriptor) }
    _ = try valueOrErrno {
      landlock_open(ruleset, descriptor, UInt64(LANDLOCK_ACCESS_FS_REMOVE_FILE))
    }
  }
  _ = try valueOrErrno { landlock_enter(ruleset) }
  return true
}

/// LANDLOCK_ACCESS_FS_TRUNCATE, which headers before Linux 6.2 lack.
private let truncating: UInt64 = 1 << 14
