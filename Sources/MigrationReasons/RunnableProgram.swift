#if Reasons
  internal import CBPF
  internal import Glibc

  /// A loaded program without arguments, which is attached to nothing: it runs where it is asked to, in the
  /// asking thread. It must not outlive its object, which holds the descriptor.
  struct RunnableProgram {
    private let descriptor: CInt

    init(descriptor: CInt) { self.descriptor = descriptor }

    /// - Returns: what it returned.
    func run() throws(ReasonsUnavailable) -> UInt32 {
      var result: UInt32 = 0
      guard unsafe cbpf_run(descriptor, &result) == 0 else { throw .refusal(.run, errno) }
      return result
    }
  }
#endif
