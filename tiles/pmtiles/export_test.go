package pmtiles

// SetRoom leaves less room for the root directory, so that a small archive has leaves.
func (w *Writer) SetRoom(room int) { w.room = room }
