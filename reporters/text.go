package reporters

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

// Style says how text may look.
type Style struct {
	Color   bool // ANSI colours
	Unicode bool // "…" may stand for what is left out; otherwise ASCII only
}

var colors = map[rules.Severity]string{rules.Critical: "1;35", rules.High: "1;31", rules.Medium: "1;33", rules.Low: "1;36", rules.Info: "1;34"}

func (s Style) paint(code, text string) string {
	if !s.Color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s Style) ascii(text string) string {
	if s.Unicode {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r == '…':
			b.WriteString("...")
		case r == '–':
			b.WriteByte('-')
		default:
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}

// Text returns the reporter for people: a block per finding, the summary last.
func Text(style Style) Func {
	return func(out io.Writer, r *analyzer.Report) error {
		w := bufio.NewWriter(out)
		for res := range r.All() {
			for _, f := range res.Findings {
				style.finding(w, f)
			}
		}
		fmt.Fprintln(w, style.summary(r))
		return w.Flush()
	}
}

func (s Style) finding(w io.Writer, f analyzer.Finding) {
	severity := f.Rule.Severity
	head := s.paint(colors[severity], fmt.Sprintf("%s[%s]", severity, f.Rule.ID))
	if f.Waiver != nil {
		head = s.paint(colors[rules.Info], fmt.Sprintf("waived[%s] (%s)", f.Rule.ID, severity))
	}
	fmt.Fprintf(w, "%s: %s\n", head, s.ascii(f.Message))
	fmt.Fprintf(w, "  --> %s\n", s.ascii(f.Place.Address))
	const shown = 3
	for i, p := range f.Related {
		if i == shown {
			fmt.Fprintf(w, "      and %d more\n", len(f.Related)-shown)
			break
		}
		fmt.Fprintf(w, "      %s\n", s.ascii(p.Address))
	}
	s.excerpt(w, f)
	s.listing(w, f)
	if effect := effectLine(f); effect != "" && severity > rules.Info {
		fmt.Fprintf(w, "  = effect: %s\n", s.ascii(effect))
	}
	if f.Waiver != nil {
		fmt.Fprintf(w, "  = waived: %s\n", s.ascii(f.Waiver.Reason))
	} else if severity > rules.Info {
		if help, err := f.Rule.Section("What to do"); err == nil {
			fmt.Fprintf(w, "  = help: %s\n", firstSentence(help))
		}
	}
	fmt.Fprintln(w)
}

// excerpt shows the text at a finding in a document, with a caret at its beginning.
func (s Style) excerpt(w io.Writer, f analyzer.Finding) {
	if !f.Place.InText {
		return
	}
	before := s.ascii(f.Place.Before)
	fmt.Fprintf(w, "   |\n   | %s%s\n   | %s%s\n", before, s.ascii(f.Place.After),
		strings.Repeat(" ", utf8.RuneCountInString(before)), s.paint(colors[f.Rule.Severity], "^ "+lowerFirst(f.Rule.Title)))
}

// effectLine says where a finding fires.
func effectLine(f analyzer.Finding) string {
	if f.Python == "" {
		return f.Effect
	}
	return strings.TrimPrefix(f.Effect+"; only on Python "+f.Python+" and later", "; ")
}

// maxListed is how many lines of code are shown; explain --finding shows more.
const maxListed = 12

// listing shows the code that a finding is about: the beginning, or what is around
// the line that the finding rests on.
func (s Style) listing(w io.Writer, f analyzer.Finding) {
	if len(f.Listing) == 0 {
		return
	}
	first := max(0, min(slices.IndexFunc(f.Listing, func(l rules.CodeLine) bool { return l.Marked })-maxListed/2, len(f.Listing)-maxListed))
	last := min(len(f.Listing), first+maxListed)
	fmt.Fprintln(w, "   |")
	if first > 0 {
		fmt.Fprintln(w, "   | ...")
	}
	for _, l := range f.Listing[first:last] {
		mark := "  "
		if l.Marked {
			mark = s.paint(colors[f.Rule.Severity], "> ")
		}
		fmt.Fprintf(w, "   | %s%s\n", mark, s.ascii(l.Text))
	}
	if last < len(f.Listing) {
		fmt.Fprintln(w, "   | ...")
	}
}

// lowerFirst begins a title as part of a line, unless its first word is a name.
func lowerFirst(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if strings.ToUpper(word) == word || word == "Python" || word == "Keras" || word == "TensorFlow" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// firstSentence returns the first sentence of a section, on one line.
func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

// summary is the last line: what was found, and what was not analysed, never one
// without the other.
func (s Style) summary(r *analyzer.Report) string {
	found, notes, waived := 0, 0, 0
	var unread []string
	for res := range r.All() {
		for _, f := range res.Findings {
			switch {
			case f.Rule.ID == rules.UnanalyzedContent.ID: // named below
			case f.Waiver != nil:
				waived++
			case f.Rule.Severity > rules.Info:
				found++
			default:
				notes++
			}
		}
		if !res.Complete() {
			unread = append(unread, unreadPhrase(*res))
		}
	}
	ran := fmt.Sprintf("%s, %s", count(len(r.Results), "model"), count(len(r.Rules), "rule"))
	var parts []string
	if found > 0 {
		parts = append(parts, s.paint("1;31", count(found, "finding"))+" in "+ran)
	}
	if len(unread) > 0 {
		const shown = 3
		text := strings.Join(unread[:min(len(unread), shown)], ", ")
		if len(unread) > shown {
			text += fmt.Sprintf(" and %d more", len(unread)-shown)
		}
		parts = append(parts, s.paint("1;33", "NOT ANALYSED")+": "+s.ascii(text))
	}
	switch {
	case len(r.Results) == 0 && len(parts) == 0:
		return strings.TrimSuffix("no model files found; "+foreignPhrase(r), "; ")
	case len(parts) == 0:
		parts = append(parts, s.paint("1;32", "clean")+": "+ran)
	}
	var beside []string
	if notes > 0 {
		beside = append(beside, count(notes, "note"))
	}
	if len(r.Gone) > 0 {
		beside = append(beside, fmt.Sprintf("%d gone", len(r.Gone)))
	}
	if waived > 0 {
		beside = append(beside, fmt.Sprintf("%d waived", waived))
	}
	if len(beside) > 0 {
		parts[0] += " (" + strings.Join(beside, ", ") + ")"
	}
	if phrase := foreignPhrase(r); phrase != "" {
		parts = append(parts, phrase)
	}
	return strings.Join(parts, "; ")
}

// foreignPhrase counts the models that are not Keras's; empty where there are none.
func foreignPhrase(r *analyzer.Report) string {
	if len(r.Foreign) == 0 {
		return ""
	}
	counts := map[string]int{}
	for _, res := range r.Foreign {
		counts[res.Foreign]++
	}
	var parts []string
	for _, format := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[format], format))
	}
	if len(r.Foreign) == 1 {
		return "not a Keras model: " + parts[0]
	}
	return fmt.Sprintf("%d not Keras models: %s", len(r.Foreign), strings.Join(parts, ", "))
}

// unreadPhrase names what was not read in one input: the limit, where one was met.
func unreadPhrase(res analyzer.Result) string {
	for _, p := range res.Problems {
		if p.Limit != "" {
			return fmt.Sprintf("%s (limit %s)", p.Place.Address, p.Limit)
		}
	}
	for _, p := range res.Problems {
		return fmt.Sprintf("%s (%s)", p.Place.Address, p.Code)
	}
	return formats.Printable(res.Name)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Concise writes one line a finding, for grep.
func Concise(out io.Writer, r *analyzer.Report) error {
	w := bufio.NewWriter(out)
	ascii := Style{}
	for res := range r.All() {
		for _, f := range res.Findings {
			severity := f.Rule.Severity.String()
			if f.Waiver != nil {
				severity = "waived"
			}
			fmt.Fprintf(w, "%s: %s[%s] %s\n", ascii.ascii(f.Place.Address), severity, f.Rule.ID, ascii.ascii(f.Message))
		}
	}
	fmt.Fprintln(w, Style{}.summary(r))
	return w.Flush()
}
