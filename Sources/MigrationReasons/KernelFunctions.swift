#if Reasons
  internal import CBPF
  internal import Glibc

  /// The functions that the running kernel's own description (BTF) has, and so an eBPF program can be
  /// attached to. Kernel: `/sys/kernel/btf/vmlinux`.
  @safe struct KernelFunctions: ~Copyable {
    private let btf: OpaquePointer

    init() throws(ReasonsUnavailable) {
      _ = unsafe libbpf_set_print(nil)
      guard let btf = unsafe btf__load_vmlinux_btf() else { throw .noBTF }
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

    /// Whether it describes this variable of each CPU.
    func hasVariable(_ name: String) -> Bool {
      unsafe cbpf_has_variable(btf, name) != 0
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
