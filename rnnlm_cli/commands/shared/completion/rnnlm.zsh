#compdef rnnlm
# Completion of rnnlm in zsh, written by: rnnlm completion zsh
_rnnlm() {
    local prefix line kind value help suffixes
    local -a answer fields whole parts
    answer=("${(@f)$(_RNNLM_COMPLETE="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" ${(Q)words[1]} 2> /dev/null)}")
    prefix=$answer[1]
    for line in "${(@)answer[3,-1]}"; do
        fields=("${(@s:	:)line}")
        kind=$fields[1] value=$fields[2] help=$fields[3]
        case $kind in
            word) whole+=("${value//:/\\:}${help:+:$help}") ;;
            part) parts+=("${value//:/\\:}${help:+:$help}") ;;
        esac
    done
    [[ -n $prefix ]] && compset -p $#prefix
    (( $#whole )) && _describe -V rnnlm whole
    (( $#parts )) && _describe -V rnnlm parts -S ''
    for line in "${(@)answer[3,-1]}"; do
        fields=("${(@s:	:)line}")
        case $fields[1] in
            files)
                suffixes=${${fields[2]#.}// ./|}
                if [[ -n $suffixes ]]; then _files -g "*.($suffixes)"; else _files; fi
                ;;
            directories) _files -/ ;;
        esac
    done
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _rnnlm "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef _rnnlm rnnlm
fi
