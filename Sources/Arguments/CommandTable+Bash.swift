extension CommandTable {
  /// Words for bash's programmable completion. bash splits words at `=`, too.
  var bashCompletions: String {
    let names = commands.map { $0.name }
    let values = Completion.all(of: self).map { flag in
      let reply =
        switch flag.value {
        case .file: files("-f")
        case .folder: files("-d")
        case .oneOf(let choices): offer("-W '\(choices.joined(separator: " "))'")
        case .anything, nil: ":"
        }
      return "    \(flag.name)) \(reply); return ;;"
    }
    let flags = commands.enumerated().map { index, command in
      let flags =
        command.parameters.filter { !$0.isOperand }.flatMap(\.names) + ["--help"]
      return
        "    \(index == 0 ? "''|" : "")\(command.name)) flags='\(flags.joined(separator: " "))' ;;"
    }
    return """
      # Completions of \(program) for bash, written by itself.
      _\(program)() {
        local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= word flags
        COMPREPLY=()
        if [[ $current == '=' ]]; then current=
        elif [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD-2]}
        fi
        for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
          case $word in \(names.joined(separator: "|"))) command=$word; break ;; esac
        done
        case $before in
      \(values.joined(separator: "\n"))
        esac
        case $command in
      \(flags.joined(separator: "\n"))
        esac
        if [[ $current == -* ]]; then
          \(offer("-W \"$flags --version\""))
        elif [[ -z $command ]]; then
          \(offer("-W '\(names.joined(separator: " ")) help'"))
        else
          case $command in \(Completion.takingFiles(commands).joined(separator: "|"))) \(files("-f")) ;; esac
        fi
      }
      complete -F _\(program) \(program)
      """
  }

  /// - Parameter words: where compgen takes them from.
  private func offer(_ words: String) -> String {
    "mapfile -t COMPREPLY < <(compgen \(words) -- \"$current\")"
  }

  private func files(_ kind: String) -> String {
    "compopt -o filenames 2>/dev/null; \(offer(kind))"
  }
}
