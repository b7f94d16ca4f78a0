"""The add-in in Excel on this machine: install, uninstall, and the checks of `doctor`."""
