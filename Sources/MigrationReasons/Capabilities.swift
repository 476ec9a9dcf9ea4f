internal import CLinux
internal import Glibc
internal import System

/// Gives up every capability for good, in all sets, and the right to gain any by running a program;
/// before that, where a user is named, it becomes that user.
///
/// Privileges belong to threads, and threads inherit them: call it before the first other thread is
/// started, and after all is opened that takes privilege, such as a port below 1024.
///
/// - Throws: where a privilege cannot be given up. Then the program must not go on.
package func dropPrivileges(becoming user: String? = nil) throws(PrivilegesKept) {
  var header = __user_cap_header_struct(version: UInt32(_LINUX_CAPABILITY_VERSION_3), pid: 0)
  var sets = [__user_cap_data_struct](repeating: __user_cap_data_struct(), count: 2)
  let hasNone =
    unsafe capget(&header, &sets) == 0
    && sets.allSatisfy { $0.effective | $0.permitted | $0.inheritable == 0 }
  // Whoever has privileges has them for each thread.
  guard hasNone && user == nil || isAlone(by: .now + .seconds(1)) else {
    throw PrivilegesKept(
      problem: "another thread has them, too: a file that is read at the start may hang")
  }

  // The bounding and ambient sets are what a program run later could draw on. Without CAP_SETPCAP
  // the first stays as it is, which no_new_privs makes of no use.
  var capability: UInt = 0
  while drop_from_bounding_set(capability) == 0 { capability += 1 }
  _ = clear_ambient_set()
  if let user { try become(user) }
  guard set_no_new_privileges() == 0 else { throw PrivilegesKept(Errno.last) }

  // Who has none need not give any up, and a service's sandbox may end a process for trying.
  if hasNone { return }
  sets = [__user_cap_data_struct](repeating: __user_cap_data_struct(), count: 2)
  guard unsafe capset(&header, &sets) == 0 else { throw PrivilegesKept(Errno.last) }
}

private func become(_ user: String) throws(PrivilegesKept) {
  errno = 0
  guard let entry = unsafe getpwnam(user) else {
    throw PrivilegesKept(problem: errno == 0 ? "there is no user \(user)" : "\(Errno.last)")
  }
  let (uid, gid) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
  guard setgroups(0, nil) == 0, setgid(gid) == 0, setuid(uid) == 0 else {
    throw PrivilegesKept(problem: "cannot become \(user): \(Errno.last)")
  }
  // The kernel has made /proc/self root's meanwhile (proc(5)); there is nothing in it to hide.
  _ = stay_readable()
}

/// Why the process still has its privileges.
package struct PrivilegesKept: Error, Equatable, CustomStringConvertible {
  package let problem: String

  init(problem: String) { self.problem = problem }

  init(_ error: Errno) { problem = "\(error)" }

  package var description: String { "cannot drop privileges: \(problem)" }
}

/// Whether no other thread runs, at the latest by then.
private func isAlone(by deadline: MonotonicTime) -> Bool {
  while threadsRunning > 0 {
    guard .now < deadline else { return false }
    usleep(200)
  }
  return true
}
