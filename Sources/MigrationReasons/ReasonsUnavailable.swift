internal import Glibc
package import KernelText
internal import System

/// Why migrations cannot be told by reason here: one line a person can act on.
package enum ReasonsUnavailable: Error, Equatable {
  /// The package's trait `Reasons` was off, so nothing of libbpf is in this binary.
  case notBuilt
  case noTracefs(path: String)
  case noTracepoint
  case unreadable(FileError)
  /// The kernel does not describe itself.
  case noBTF
  /// The kernel has no such function, or another of this name.
  case noFunction(String)
  case malformedFormat(path: String, problem: String)
  /// The kernel or libbpf refused. `lockdown` is the mode in force, nil if none is.
  case refused(Step, errno: CInt, lockdown: String?)
  /// The binary's eBPF object is not the one this reader was written for.
  case wrongObject(problem: String)

  package enum Step: String, Equatable {
    case load = "load the eBPF program"
    case attach = "attach the eBPF program"
    case map = "map the eBPF counts"
    case run = "run the eBPF program"
  }
}

extension ReasonsUnavailable {
  /// `refused`, with the lockdown in force now.
  static func refusal(_ step: Step, _ errno: CInt) -> Self {
    .refused(step, errno: errno, lockdown: Lockdown.mode)
  }
}

extension ReasonsUnavailable: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notBuilt:
      "this build has no migration reasons: it was made without the trait Reasons (libbpf)"
    case .noTracefs(let path):
      "no tracefs at \(path); mount it: mount -t tracefs nodev \(path)"
    case .noTracepoint:
      "this kernel has no tracepoint migrate:mm_migrate_pages"
        + " (it needs CONFIG_MIGRATION and CONFIG_TRACEPOINTS)"
    case .noBTF:
      "this kernel does not describe itself (it needs CONFIG_DEBUG_INFO_BTF)"
    case .noFunction(let name):
      "this kernel's BTF has no function \(name) as it is known (causes need Linux 6.6 or later)"
    case .unreadable(let error):
      "\(error)\(error.errno.number == EACCES ? Self.tracefsHint : "")"
    case .malformedFormat(let path, let problem):
      "cannot understand \(path): \(problem)"
    case .refused(let step, let errno, let lockdown):
      "cannot \(step.rawValue): \(message(errno))\(hint(errno, lockdown))"
    case .wrongObject(let problem):
      "the eBPF object in this binary does not fit its reader: \(problem)"
    }
  }

  private static let tracefsHint =
    " (tracefs is root's; grant CAP_DAC_READ_SEARCH or mount it with gid=)"

  private func hint(_ errno: CInt, _ lockdown: String?) -> String {
    if let lockdown, errno == EPERM || errno == EACCES || errno == EINVAL {
      return " (kernel lockdown is in mode \(lockdown))"
    }
    return switch errno {
    case EPERM:
      " (it needs CAP_BPF, CAP_PERFMON, no lockdown against it; before Linux 5.11 also LimitMEMLOCK)"
    case EACCES:
      " (the kernel's verifier rejects it: please report this, with the kernel's version)"
    case ENOSYS: " (the kernel needs CONFIG_BPF_SYSCALL)"
    case EINVAL, E2BIG, ENOTSUP: " (it needs Linux 5.5 or later)"
    default: ""
    }
  }

  private func message(_ errno: CInt) -> String {
    unsafe String(cString: strerror(errno))
  }
}
