"""The doctor: is this installation sound?  Looks at everything, changes nothing, says nothing of anybody."""
