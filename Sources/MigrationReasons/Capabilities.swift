internal import CLinux
internal import Glibc

/// Gives up every capability for good, in all sets, and the right to gain any by running a program.
///
/// Capabilities belong to threads, and threads inherit them: call it before the first other thread
/// is started. Where one is found, nothing is dropped. A process of root's stays the owner of root's
/// files, but can no longer, say, bind a port below 1024: do that before.
package func dropAllCapabilities() throws(CapabilitiesKept) {
  guard threadCount() == 1 else { throw CapabilitiesKept(problem: "other threads already run") }

  // The bounding and ambient sets are what a program run later could draw on. Without CAP_SETPCAP
  // the first stays as it is, which no_new_privs makes of no use.
  var capability: UInt = 0
  while drop_from_bounding_set(capability) == 0 { capability += 1 }
  _ = clear_ambient_set()
  guard set_no_new_privileges() == 0 else { throw CapabilitiesKept(errno: errno) }

  var header = __user_cap_header_struct(version: UInt32(_LINUX_CAPABILITY_VERSION_3), pid: 0)
  var none = [__user_cap_data_struct](repeating: __user_cap_data_struct(), count: 2)
  guard capset(&header, &none) == 0 else { throw CapabilitiesKept(errno: errno) }
}

/// Why the process still has its capabilities.
package struct CapabilitiesKept: Error, Equatable, CustomStringConvertible {
  package let problem: String

  init(problem: String) {
    self.problem = problem
  }

  init(errno: CInt) {
    problem = String(cString: strerror(errno))
  }

  package var description: String { "cannot drop capabilities: \(problem)" }
}

/// The directory of a process' threads has a link for each, beside its own two. 1 if it is not there
/// to be asked.
private func threadCount() -> Int {
  var status = stat()
  guard stat("/proc/self/task", &status) == 0 else { return 1 }
  return Int(status.st_nlink) - 2
}
