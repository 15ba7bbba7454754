# Completion of rnnlm in bash, written by: rnnlm completion bash
_rnnlm_completion() {
    local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT}
    local prefix typed kind value help stays
    COMPREPLY=()
    {
        IFS= read -r prefix
        IFS= read -r typed
        # bash completes its own word, which may begin after a =
        [[ $word == = ]] && word=
        stays=$prefix$typed
        stays=${stays%"${word//[\"\'\\]/}"}
        while IFS=$'\t' read -r kind value help; do
            case $kind in
                word) _rnnlm_offer "$value" ;;
                part) _rnnlm_offer "$value"; compopt -o nospace 2> /dev/null ;;
                files | directories) _rnnlm_files "$kind" "$value" ;;
            esac
        done
    } < <(_RNNLM_COMPLETE=$line "${1/#\~/$HOME}" 2> /dev/null)
}

_rnnlm_offer() {
    local whole=$prefix$1
    COMPREPLY+=("${whole#"$stays"}")
}

# Offer files with one of some suffixes, and directories.
_rnnlm_files() {
    local file suffix suffixes=($2)
    compopt -o filenames 2> /dev/null
    while IFS= read -r file; do
        if [[ -d ${file/#\~/$HOME} || ($1 == files && -z $2) ]]; then
            _rnnlm_offer "$file"
            continue
        fi
        for suffix in "${suffixes[@]}"; do
            [[ $file == *"$suffix" ]] && _rnnlm_offer "$file" && break
        done
    done < <(compgen -f -- "$typed")
}

complete -o nosort -F _rnnlm_completion rnnlm 2> /dev/null ||
    complete -F _rnnlm_completion rnnlm
