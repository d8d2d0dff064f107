package pyopcode

// Handler is one entry of the exception table that code objects have from 3.11
// (Objects/exception_handling_notes.txt). Offsets are in bytes.
type Handler struct {
	Start, End int  // the instructions that it guards
	Target     int  // where the handler begins
	Depth      int  // how many values stay on the stack
	LastI      bool // whether the offset of the instruction that raised is pushed before the exception
}

// The bits of a byte of the table.
const (
	entryStart = 0x80
	more       = 0x40
	digit      = 0x3f
)

// Handlers returns the entries of an exception table in order. sound is false
// for a table that no compiler writes: cut off, with start marks in other places
// than the first byte of each entry, or not sorted. CPython searches a table of
// more than 40 bytes from the middle and by the marks, so it may read an unsound
// one in other ways than from the front.
func Handlers(table []byte) (handlers []Handler, sound bool) {
	sound = true
	for pos, last := 0, 0; pos < len(table); {
		h, next, ok := HandlerAt(table, pos)
		if next == 0 {
			return handlers, false
		}
		if h.Start < last || h.End <= h.Start || !ok {
			sound = false
		}
		handlers = append(handlers, h)
		pos, last = next, h.End
	}
	return handlers, sound
}

// HandlerAt returns the entry at pos of an exception table and where the next one
// begins, 0 if the table ends before. ok says whether the start mark is on the
// first byte of the entry and on no other.
func HandlerAt(table []byte, pos int) (h Handler, next int, ok bool) {
	var numbers [4]uint32 // start, length, target, depth<<1 | lasti
	ok = table[pos]&entryStart != 0
	first := pos
	for i := range numbers {
		for {
			if pos == len(table) {
				return Handler{}, 0, false
			}
			c := table[pos]
			ok = ok && (pos == first || c&entryStart == 0)
			numbers[i] = numbers[i]<<6 | uint32(c&digit)
			pos++
			if c&more == 0 {
				break
			}
		}
	}
	at := func(n uint32) int { return 2 * int(int32(n)) }
	return Handler{
		Start: at(numbers[0]), End: at(numbers[0]) + at(numbers[1]), Target: at(numbers[2]),
		Depth: int(numbers[3] >> 1), LastI: numbers[3]&1 != 0,
	}, pos, ok
}
