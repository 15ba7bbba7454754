"""The texts that a configuration names, as blocks of ids."""
