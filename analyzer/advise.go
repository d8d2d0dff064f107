package analyzer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

// FormatLock is the format of a Result about a lock file, or about versions that
// the user has stated.
const FormatLock formats.Format = "versions"

// stated is the name of a Result about versions that stand in no file.
const stated = "stated versions"

// Advise holds the packages that the user has against advisories. It returns a
// result for each file in which pins stand, in the order of the pins, with a
// finding of vulnerable-keras for each advisory that applies or may; unread are
// the parts of these files that may name further packages. scanned are the results
// of the models, of which the findings say which of them an advisory makes real.
func Advise(pins []loaders.Pin, unread []loaders.Unread, advisories []loaders.Advisory, scanned []Result, opts Options) []Result {
	var results []Result
	find := func(file string) *Result {
		if file == "" {
			file = stated
		}
		i := slices.IndexFunc(results, func(r Result) bool { return r.Name == file })
		if i < 0 {
			i = len(results)
			results = append(results, Result{Name: file, Format: FormatLock, read: true})
		}
		return &results[i]
	}
	for _, p := range pins {
		find(p.File)
	}
	for _, u := range unread {
		r := find(u.File)
		r.unread = true
		r.Problems = append(r.Problems, Problem{Code: formats.Unsupported.String(), Message: formats.PrintableText(u.Text+": "+u.Why, maxMessage),
			Place: linePlace(r.Name, u.Line, u.Column, u.Start, u.End, u.Text)})
	}
	for _, m := range loaders.Applies(pins, advisories) {
		r := find(m.Pin.File)
		f := advice(r.Name, m, scanned)
		f.ignore(r.Name, &opts)
		r.Findings = append(r.Findings, f)
	}
	return results
}

// advice is the finding for one advisory that applies to a pin.
func advice(file string, m loaders.Match, scanned []Result) Finding {
	sum := sha256.Sum256([]byte(m.Advisory.ID + "\x00" + m.Pin.Package + "\x00" + m.Pin.Versions.String()))
	key := sha256.Sum256([]byte(rules.VulnerableKeras.ID + "\x00" + file + "\x00" + m.Advisory.ID + "\x00" + m.Pin.Package + "\x00" + m.Pin.Marker))
	return Finding{
		Rule:        rules.VulnerableKeras,
		Message:     formats.PrintableText(adviceText(m, realised(m.Advisory, scanned)), maxMessage),
		Place:       linePlace(file, m.Pin.Line, m.Pin.Column, m.Pin.Start, m.Pin.End, m.Pin.Package+m.Pin.Versions.Text),
		Evidence:    hex.EncodeToString(sum[:]),
		Fingerprint: hex.EncodeToString(key[:]),
	}
}

func adviceText(m loaders.Match, made int) string {
	var b strings.Builder
	verb := map[loaders.State]string{loaders.Certain: "has", loaders.Possible: "may have", loaders.Undetermined: "has, as far as is known,"}[m.State]
	fmt.Fprintf(&b, "%s %s %s %s: %s; fixed in %s.", m.Pin.Package, strings.TrimPrefix(m.Pin.Versions.String(), "=="), verb, m.Advisory.ID, m.Advisory.What, m.Advisory.Fixed())
	if m.Disagreed {
		b.WriteString(" Sources disagree about the versions; the later fix counts.")
	}
	if m.Advisory.Disputed != "" {
		fmt.Fprintf(&b, " Disputed by %s.", m.Advisory.Disputed)
	}
	if made > 0 {
		fmt.Fprintf(&b, " It makes %d of the findings of this scan real.", made)
	}
	return b.String()
}

// realised counts the findings of a scan that an advisory is about.
func realised(a loaders.Advisory, scanned []Result) int {
	n := 0
	for _, r := range scanned {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.counts() && slices.Contains(a.Rules, f.Rule.ID) {
				n++
			}
		}
	}
	return n
}

// linePlace is a place in a text file; without a line it is the file.
func linePlace(file string, line, column, start, end int, text string) Place {
	p := Place{Address: formats.PrintableText(file, maxAddress), Kind: "string"}
	if line > 0 {
		p.Address = fmt.Sprintf("%s:%d:%d", p.Address, line, column)
		p.InText, p.OnDisk = true, true
		p.Line, p.Column, p.EndLine, p.EndColumn = line, column, line, column+len([]rune(text))
		p.ByteOffset, p.ByteEnd = int64(start), int64(end)
		p.After = formats.Printable(text)
	}
	return p
}
