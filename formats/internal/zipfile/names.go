package zipfile

import (
	"strings"
	"unicode/utf8"
)

// cp437 are the upper 128 characters of code page 437, the historical encoding of
// names (APPNOTE appendix D).
var cp437 = []rune("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ" +
	"áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
	"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀" +
	"αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0")

// decodeName decodes the bytes of a name as CPython does; ok is false where that
// raises UnicodeDecodeError.
func decodeName(raw []byte, flags uint16) (name string, ok bool) {
	if flags&flagUTF8 != 0 {
		return string(raw), utf8.Valid(raw)
	}
	for i, c := range raw {
		if c >= utf8.RuneSelf {
			return decode437(raw, i), true
		}
	}
	return string(raw), true
}

// decode437 decodes raw, the first n bytes of which are ASCII.
func decode437(raw []byte, n int) string {
	var b strings.Builder
	b.Write(raw[:n])
	for _, c := range raw[n:] {
		if c < utf8.RuneSelf {
			b.WriteByte(c)
		} else {
			b.WriteRune(cp437[c-utf8.RuneSelf])
		}
	}
	return b.String()
}

// cutAtNUL is _sanitize_filename on Linux.
func cutAtNUL(name string) string {
	name, _, _ = strings.Cut(name, "\x00")
	return name
}

// compareNames records names that readers take differently.
func (a *Archive) compareNames() {
	for _, e := range a.Entries {
		if len(e.orig) != len(e.Name) {
			a.disagree(NULInName, e, e.HeaderOff, "the name holds a NUL, where CPython cuts it")
		}
		if e.UnicodeName != "" {
			a.Disagreements = append(a.Disagreements, Disagreement{UnicodePath, e, e.HeaderOff, "extra field 0x7075 renames the member since CPython 3.12", true})
		}
	}
	older := func(e *Entry) string { return e.Name }
	newer := func(e *Entry) string {
		if e.UnicodeName != "" {
			return e.UnicodeName
		}
		return e.Name
	}
	repeated := make(map[*Entry]bool)
	for _, d := range a.dirs {
		a.compareDuplicates(d.readings, older, repeated, false)
		a.compareDuplicates(d.readings, newer, repeated, true)
	}
}

// compareDuplicates records the files of one reading that take the name of an
// earlier one. Repeated directories lose nothing and are not recorded.
func (a *Archive) compareDuplicates(readings Reading, name func(*Entry) string, repeated map[*Entry]bool, renamed bool) {
	seen := make(map[string]bool, len(a.Entries))
	for _, e := range a.Entries {
		n := name(e)
		if e.Readings&readings == 0 || strings.HasSuffix(n, "/") && e.Size == 0 {
			continue
		}
		if seen[n] && !repeated[e] {
			repeated[e] = true
			a.Disagreements = append(a.Disagreements, Disagreement{DuplicateName, e, e.HeaderOff, "an earlier entry has the same name; the last one wins in CPython", renamed})
		}
		seen[n] = true
	}
}
