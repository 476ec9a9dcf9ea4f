#if Reasons
  internal import CBPF
  internal import Glibc

  /// What the running kernel tells of its functions, variables and types (BTF): what an eBPF program can be
  /// attached to, and what it can find. Kernel: `/sys/kernel/btf/vmlinux`.
  @safe struct KernelTypes: ~Copyable {
    private let btf: OpaquePointer

    init() throws(ReasonsUnavailable) {
      _ = unsafe libbpf_set_print(nil)
      guard let btf = unsafe btf__load_vmlinux_btf() else { throw .noBTF }
      unsafe self.btf = unsafe btf
    }

    /// - Parameter bytes: another kernel's, or none at all: libbpf refuses what is not whole.
    init(_ bytes: [UInt8]) throws(ReasonsUnavailable) {
      _ = unsafe libbpf_set_print(nil)
      let btf = unsafe bytes.withUnsafeBytes { unsafe btf__new($0.baseAddress, UInt32($0.count)) }
      guard let btf = unsafe btf else { throw .noBTF }
      unsafe self.btf = unsafe btf
    }

    deinit { unsafe btf__free(btf) }

    /// Whether there is such a function with so many arguments.
    func has(_ function: String, arguments: Int) -> Bool {
      unsafe Int(cbpf_arguments(btf, function)) == arguments
    }

    /// Whether the tracepoint's first argument is a pointer to such a struct.
    func tracepoint(_ name: String, takes structure: String) -> Bool {
      unsafe cbpf_tracepoint_takes(btf, "btf_trace_\(name)", structure) != 0
    }

    /// Where a variable of each CPU is among all of a CPU's, and how large it is, in bytes. Nil where it is
    /// not told.
    func variableOfCPU(_ name: String) -> (offset: Int, size: Int)? {
      var (offset, size): (UInt32, UInt32) = (0, 0)
      guard unsafe cbpf_variable_of_cpu(btf, name, &offset, &size) != 0 else { return nil }
      return (Int(offset), Int(size))
    }

    /// Whether there is such a struct with such a member.
    func hasMember(_ member: String, of structure: String) -> Bool {
      unsafe cbpf_has_member(btf, structure, member) != 0
    }

    /// The first of these members that it has not: why a program cannot be loaded that reads them.
    func lacks(_ members: [(structure: String, member: String)]) -> ReasonsUnavailable? {
      members.first { !hasMember($0.member, of: $0.structure) }
        .map { .noMember($0.member, of: $0.structure) }
    }

    func has(_ function: String) -> Bool { unsafe cbpf_arguments(btf, function) >= 0 }

    func has(_ function: EBPFFunction) -> Bool { has(function.name, arguments: function.arguments) }
  }

  /// A kernel's function, and the program that is attached to it.
  struct EBPFFunction {
    let program: String
    let name: String
    let arguments: Int

    init(_ program: String, _ name: String, arguments: Int) {
      self.program = program
      self.name = name
      self.arguments = arguments
    }
  }
#endif
