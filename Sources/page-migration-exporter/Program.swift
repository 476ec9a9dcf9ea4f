internal import Arguments
internal import CBuildInfo
internal import Glibc
internal import Views

/// Where the program begins and ends: every failure becomes one line and an exit code.
@main
struct Program {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    openStandardDescriptors()
    do {
      switch try CommandTable.exporter.request(arguments) {
      case .run(let command): try command.run()
      case .help(let text): try Console.answer(text)
      case .description: try Console.answer("\(CommandTable.exporter.json.text)\n")
      case .version: try Console.answer("\(Version.line)\n")
      case .completions(let script): try Console.answer("\(script)\n")
      }
    } catch let error as UsageError {
      stop("\(error) (see --help)", code: EX_USAGE)
    } catch let failure as StartFailure {
      stop(failure.description, code: EXIT_FAILURE)
    } catch let code as ExitCode {
      // The command has said why.
      exit(code.rawValue)
    } catch {
      stop("\(error)", code: EXIT_FAILURE)
    }
  }

  /// What the program was started with, its own name left out.
  private static var arguments: [String] {
    var list: [String] = []
    while let argument = unsafe program_argument(CInt(list.count + 1)) {
      unsafe list.append(String(cString: argument))
    }
    return list
  }

  /// Whatever is opened later must not be taken for a standard descriptor.
  private static func openStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest that is free: this very one. An answer that has nowhere to go is a failure, and so
      // cannot be written there.
      _ = unsafe open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  private static func stop(_ line: String, code: CInt) -> Never {
    Console.say(line)
    exit(code)
  }
}

/// What keeps the program from starting; exit code 1.
struct StartFailure: Error, CustomStringConvertible {
  let description: String

  init(_ reason: String) { description = reason }

  init(_ error: any Error) { description = "\(error)" }
}

/// How the program ends where a command has already said why.
struct ExitCode: Error {
  let rawValue: CInt

  init(_ rawValue: CInt) { self.rawValue = rawValue }
}
