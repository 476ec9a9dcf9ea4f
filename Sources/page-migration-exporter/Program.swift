internal import ArgumentParser
internal import CBuildInfo
internal import Glibc

/// Where the program begins and ends: every failure becomes one line and an exit code.
@main
struct Program {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    // A service manager's way to ask for a reload, which only `serve` takes up.
    signal(SIGHUP, SIG_IGN)
    openStandardDescriptors()
    do {
      let arguments = arguments
      if arguments.count == 2, arguments[0] == "help", !RootCommand.hasCommand(arguments[1]) {
        stop("there is no command '\(arguments[1])' (see --help)", code: 64)
      }
      var command =
        try RootCommand.names(anyOf: arguments)
        ? RootCommand.parseAsRoot(arguments) : ServeCommand.parseAsRoot(arguments)
      try command.run()
    } catch let failure as StartFailure {
      stop(failure.description, code: 1)
    } catch let code as ExitCode {
      // The command has said why.
      exit(code.rawValue)
    } catch {
      let code = RootCommand.exitCode(for: error)
      // Help, version and completion scripts come as errors that mean success.
      guard !code.isSuccess else { answer(error) }
      let line = RootCommand.message(for: error).split(separator: "\n").first ?? "bad usage"
      stop("\(ArgumentForms.completed(line)) (see --help)", code: code.rawValue)
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
      // The lowest that is free: this very one.
      _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
    }
  }

  private static func answer(_ error: any Error) -> Never {
    let message = RootCommand.fullMessage(for: error)
    if message == RootCommand.helpMessage() {
      _ = try? Console.answer("\(RootCommand.helpWithFlags)\n")
    } else if message.hasPrefix("function __") {
      _ = try? Console.answer("\(FishCompletions(message).text)\n")
    } else {
      RootCommand.exit(withError: error)
    }
    exit(EXIT_SUCCESS)
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
