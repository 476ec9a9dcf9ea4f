extension CommandTable {
  /// A function for zsh's completion system, to be sourced or found by its `#compdef`.
  var zshCompletions: String {
    let described = commands.map { quoted("\($0.name):\($0.abstract)") }
    let cases = commands.enumerated().map { index, command in
      let specifications = command.parameters.flatMap(specifications)
      return """
          \(index == 0 ? "''|" : "")\(command.name)) arguments=(
            \(specifications.joined(separator: "\n      "))
          ) ;;
        """
    }
    return """
      #compdef \(program)
      # Completions of \(program) for zsh, written by itself.
      _\(program)() {
        local -a commands arguments
        local word command=
        commands=(
          \(described.joined(separator: "\n    "))
        )
        for word in "${(@)words[2,CURRENT-1]}"; do
          case $word in \(commands.map { $0.name }.joined(separator: "|"))) command=$word; break ;; esac
        done
        case $command in
      \(cases.joined(separator: "\n"))
        esac
        arguments+=('(-h --help)'{-h,--help}'[Show help information.]' '--version[Show the version.]')
        if [[ -n $command ]]; then
          arguments+=("1:command:($command)")
        else
          arguments+=('1:command:_\(program)_commands')
        fi
        _arguments -S : "${(@)arguments}"
      }
      _\(program)_commands() { _describe command commands }
      if [[ $funcstack[1] == _\(program) ]]; then
        _\(program) "$@"
      else
        compdef _\(program) \(program)
      fi
      """
  }

  /// As _arguments of zshcompsys(1) takes it.
  private func specifications(_ parameter: Parameter) -> [String] {
    let meaning = parameter.help.map { "[]\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    switch parameter.kind {
    case .operand:
      return [quoted("*:\(parameter.name):\(Completion.takesFile(parameter) ? "_files" : " ")")]
    case .option(let name):
      let action =
        switch Completion.Value(parameter) {
        case .file: "_files"
        case .folder: "_files -/"
        case .oneOf(let choices): "(\(choices.joined(separator: " ")))"
        case .anything: " "
        }
      return [quoted("*\(parameter.name)=[\(meaning)]:\(name):\(action)")]
    case .flag, .toggle:
      return parameter.names.map { quoted("\($0)[\(meaning)]") }
    }
  }

  private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#)
      + "'"
  }
}
