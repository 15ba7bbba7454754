# Completion of rnnlm in fish, written by: rnnlm completion fish
function _rnnlm_completion
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    set -l answer (env _RNNLM_COMPLETE=$line rnnlm 2>/dev/null)
    set -l prefix $answer[1]
    set -l typed $answer[2]
    for row in $answer[3..-1]
        set -l fields (string split --max 2 \t -- $row)
        switch $fields[1]
            case word part
                printf '%s%s\t%s\n' $prefix $fields[2] $fields[3]
            case files directories
                _rnnlm_files "$prefix" "$typed" $fields[1] "$fields[2]"
        end
    end
end

# Print names of files with one of some suffixes, and of directories.
function _rnnlm_files --argument-names prefix typed kind suffixes
    set -l beginning (string replace --regex '^~/' $HOME/ -- $typed)
    for path in $beginning*
        set -l name $typed(string sub --start (math 1 + (string length -- $beginning)) -- $path)
        if test -d $path
            echo $prefix$name/
        else if test $kind = files
            for suffix in (string split ' ' -- $suffixes)
                if string match --quiet "*$suffix" -- $name
                    echo $prefix$name
                    break
                end
            end
        end
    end
end

complete --command rnnlm --erase
complete --command rnnlm --no-files --keep-order --arguments '(_rnnlm_completion)'
