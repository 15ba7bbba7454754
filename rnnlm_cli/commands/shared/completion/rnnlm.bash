# Completion of rnnlm in bash, written by: rnnlm completion bash
_rnnlm_completion() {
    local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT}
    local prefix typed kind value help
    COMPREPLY=()
    {
        IFS= read -r prefix
        IFS= read -r typed
        # bash completes what follows a = by itself, but not where the word is in quotes
        [[ $word != [\"\']* && $COMP_WORDBREAKS == *=* ]] && prefix=
        while IFS=$'\t' read -r kind value help; do
            case $kind in
                word) COMPREPLY+=("$prefix$value") ;;
                part) COMPREPLY+=("$prefix$value"); compopt -o nospace 2> /dev/null ;;
                files | directories) _rnnlm_files "$kind" "$value" ;;
            esac
        done
    } < <(_RNNLM_COMPLETE=$line "${1/#\~/$HOME}" 2> /dev/null)
}

# Add names of files with one of some suffixes, and of directories.
_rnnlm_files() {
    local file suffix suffixes=($2)
    compopt -o filenames 2> /dev/null
    while IFS= read -r file; do
        if [[ -d ${file/#\~/$HOME} || ($1 == files && -z $2) ]]; then
            COMPREPLY+=("$prefix$file")
        fi
        for suffix in "${suffixes[@]}"; do
            if [[ $file == *"$suffix" && ! -d $file ]]; then
                COMPREPLY+=("$prefix$file")
                break
            fi
        done
    done < <(compgen -f -- "$typed")
}

complete -o nosort -F _rnnlm_completion rnnlm 2> /dev/null ||
    complete -F _rnnlm_completion rnnlm
