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
  /// The kernel's description of itself has no such variable of each CPU.
  case noVariable(String)
  /// The kernel's description of itself has no such member of a struct.
  case noMember(String, of: String)
  /// An array of the kernel's has more or fewer counters than its text.
  case otherArray(String)
  /// The kernel keeps its counters elsewhere than is known.
  case notFound(String)
  case noCounter(String)
  /// The kernel is older than this.
  case needsKernel(String)
  /// The eBPF program has no room for it.
  case tooLarge(String)
  /// The program read another value than the kernel's text has.
  case disagrees(counter: String)
  /// The kernel cannot migrate to devices, or in another way than is known.
  case noDeviceMemory(function: String)
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
      "this kernel has no BTF (it needs CONFIG_DEBUG_INFO_BTF)"
    case .noFunction(let name):
      "this kernel's BTF has no function \(name) as it is known (causes need Linux 6.6 or later)"
    case .noVariable(let name):
      "this kernel's BTF has no variable \(name) (it needs CONFIG_DEBUG_INFO_BTF and pahole 1.22)"
    case .noMember(let name, let structure):
      "this kernel's BTF has no member \(structure).\(name)"
        + (name == "cfs_rq" || structure == "cfs_rq" ? " (it needs CONFIG_FAIR_GROUP_SCHED)" : "")
    case .otherArray(let name): "\(name) has another number of counters than /proc/vmstat"
    case .notFound(let what): "\(what) cannot be found in this kernel's memory"
    case .noCounter(let name): "this kernel does not count \(name)"
    case .needsKernel(let release): "it needs Linux \(release) or later"
    case .tooLarge(let what): "\(what): more than the eBPF program has room for"
    case .disagrees(let counter):
      "\(counter) is not where it was expected: its value is not the one of /proc/vmstat"
    case .noDeviceMemory(let function):
      "this kernel's BTF has no function \(function) as it is known"
        + " (device memory needs CONFIG_DEVICE_PRIVATE, and Linux 5.17 or later)"
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
    " (tracefs belongs to root; grant CAP_DAC_READ_SEARCH or mount it with gid=)"

  private func hint(_ errno: CInt, _ lockdown: String?) -> String {
    if let lockdown, errno == EPERM || errno == EACCES || errno == EINVAL {
      return " (kernel lockdown is in mode \(lockdown))"
    }
    return switch errno {
    case EPERM:
      " (it needs CAP_BPF, CAP_PERFMON and no lockdown; before Linux 5.11 also a higher LimitMEMLOCK)"
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
