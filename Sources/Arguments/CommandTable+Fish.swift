extension CommandTable {
  /// A `complete` for each flag and each command.
  var fishCompletions: String {
    let names = commands.map { $0.name }.joined(separator: " ")
    let complete = "complete -c \(program)"
    var lines = [
      """
      # Completions of \(program) for fish, written by itself.
      function __\(program)_runs --description 'Whether one of these commands is typed; (none) for no command'
          for word in (commandline -opc)
              if contains -- $word \(names)
                  contains -- $word $argv
                  return
              end
          end
          contains -- '(none)' $argv
      end
      \(complete) -f
      \(complete) -s h -l help -d 'Show help information.'
      \(complete) -l version -d 'Show the version.'
      """
    ]
    for command in commands {
      lines.append(
        "\(complete) -n '__\(program)_runs \"(none)\"' -a \(command.name) -d \(quoted(command.abstract))"
      )
    }
    for flag in Completion.all(of: self, withoutValue: true) {
      let commands = flag.commands.map { $0 == self.commands[0].name ? "\($0) \"(none)\"" : $0 }
      let value =
        switch flag.value {
        case nil: ""
        case .file: " -r -F"
        case .folder: " -x -a '(__fish_complete_directories)'"
        case .oneOf(let choices): " -x -a '\(choices.joined(separator: " "))'"
        case .anything: " -x"
        }
      lines.append(
        "\(complete) -n '__\(program)_runs \(commands.joined(separator: " "))' -l \(flag.name.dropFirst(2))\(value) -d \(quoted(flag.help))"
      )
    }
    for name in Completion.takingFiles(commands) {
      lines.append("\(complete) -n '__\(program)_runs \(name)' -F")
    }
    return lines.joined(separator: "\n")
  }

  private func quoted(_ text: String) -> String {
    "'" + text.map { "'\\".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "'"
  }
}
