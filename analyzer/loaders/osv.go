package loaders

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/kerasvet/kerasvet/analyzer/loaders/pep440"
)

// Limits on files of advisories. An ecosystem's archive has tens of thousands of
// entries of a few kilobytes; a record that lists a thousand versions is the longest.
const (
	maxRecord      = 4 << 20
	maxPlainOSV    = 64 << 20
	maxRecordsText = 1 << 30 // of all entries of an archive
	maxKept        = 1 << 16 // records; all of PyPI has some 2,000 of these packages
)

// osvRecord is the part of an OSV record (schema 1.7) that says who is affected.
type osvRecord struct {
	ID        string        `json:"id"`
	Aliases   []string      `json:"aliases"`
	Modified  time.Time     `json:"modified"`
	Published string        `json:"published"`
	Withdrawn *time.Time    `json:"withdrawn"`
	Summary   string        `json:"summary"`
	Details   string        `json:"details"`
	Affected  []osvAffected `json:"affected"`
}

type osvAffected struct {
	Package struct {
		Ecosystem string `json:"ecosystem"`
		Name      string `json:"name"`
	} `json:"package"`
	Ranges   []osvRange `json:"ranges"`
	Versions []string   `json:"versions"`
}

type osvRange struct {
	Type   string     `json:"type"`
	Events []osvEvent `json:"events"`
}

type osvEvent struct {
	Introduced   string `json:"introduced"`
	Fixed        string `json:"fixed"`
	LastAffected string `json:"last_affected"`
}

// ReadOSV reads advisories in the OSV format: a record, an array of records, or a
// zip archive with a record in each .json entry, as databases offer for a whole
// ecosystem. Only packages of interest in the ecosystem PyPI are kept, withdrawn
// records are left out. An archive is taken for the whole ecosystem: it gives the
// database a date, that of its newest record, and covers every package. name is for
// errors. Anything that cannot be read is an error.
func ReadOSV(r io.ReaderAt, size int64, name string) (Database, error) {
	db := Database{Partial: map[string]string{}}
	var magic [4]byte
	if n, _ := r.ReadAt(magic[:], 0); n == 4 && string(magic[:2]) == "PK" {
		if err := db.readArchive(r, size); err != nil {
			return Database{}, fmt.Errorf("%s: %w", name, err)
		}
		return Database{}.Merge(db), nil
	}
	if size > maxPlainOSV {
		return Database{}, fmt.Errorf("%s: larger than %d bytes", name, maxPlainOSV)
	}
	if err := db.readOSV(json.NewDecoder(io.NewSectionReader(r, 0, size))); err != nil {
		return Database{}, fmt.Errorf("%s: %w", name, err)
	}
	return Database{}.Merge(db), nil
}

// readArchive reads the records of a zip archive.
func (d *Database) readArchive(r io.ReaderAt, size int64) error {
	records := 0
	err := eachEntry(r, size, func(entry string, data []byte) error {
		var rec osvRecord
		if err := json.Unmarshal(data, &rec); err != nil {
			return fmt.Errorf("%s: %w", excerpt(entry), err)
		}
		records++
		if rec.Modified.After(d.Date) {
			d.Date = rec.Modified.UTC()
		}
		return d.addOSV(rec)
	})
	if err != nil {
		return err
	}
	if records == 0 {
		return errors.New("zip archive: there is no .json entry in it")
	}
	for _, pkg := range interest {
		if !slices.Contains(d.Covered, pkg) && pkg != "python" {
			d.Covered = append(d.Covered, pkg)
		}
	}
	slices.Sort(d.Covered)
	return nil
}

// readOSV reads a record or an array of them, up to the end.
func (d *Database) readOSV(dec *json.Decoder) error {
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return notOSV(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the end of the file is expected behind the first value")
	}
	records := make([]osvRecord, 1)
	var err error
	if raw[0] == '[' {
		err = json.Unmarshal(raw, &records)
	} else {
		err = json.Unmarshal(raw, &records[0])
	}
	if err != nil {
		return notOSV(err)
	}
	for _, rec := range records {
		if err := d.addOSV(rec); err != nil {
			return err
		}
	}
	return nil
}

func notOSV(err error) error {
	return fmt.Errorf("an OSV record or an array of them is expected: %w", err)
}

// addOSV adds what a record says of each package of interest.
func (d *Database) addOSV(rec osvRecord) error {
	if rec.ID == "" {
		return errors.New(`an OSV record is expected: there is no "id"`)
	}
	if rec.Withdrawn != nil {
		return nil
	}
	claims := map[string][]osvAffected{}
	var order []string
	for _, a := range rec.Affected {
		ecosystem, _, _ := strings.Cut(a.Package.Ecosystem, ":")
		pkg := Of(a.Package.Name)
		if ecosystem != "PyPI" || pkg == "" || pkg == "python" {
			continue
		}
		if claims[pkg] == nil {
			order = append(order, pkg)
		}
		claims[pkg] = append(claims[pkg], a)
	}
	for _, pkg := range order {
		claim := osvClaim(claims[pkg])
		claim.Who = printable(rec.ID)
		adv := Advisory{ID: printable(rec.ID), Package: pkg, Claims: []Claim{claim}, What: printable(rec.Summary)}
		if adv.What == "" {
			first, _, _ := strings.Cut(strings.TrimSpace(rec.Details), "\n")
			adv.What = printable(first)
		}
		if len(rec.Published) >= len(time.DateOnly) {
			adv.Published = printable(rec.Published[:len(time.DateOnly)])
		}
		for _, alias := range rec.Aliases {
			adv.Aliases = append(adv.Aliases, printable(alias))
		}
		if i := slices.IndexFunc(adv.Aliases, func(s string) bool { return strings.HasPrefix(s, "CVE-") }); i >= 0 && !strings.HasPrefix(adv.ID, "CVE-") {
			adv.ID, adv.Aliases[i] = adv.Aliases[i], adv.ID
		}
		if d.Advisories = append(d.Advisories, adv); len(d.Advisories) > maxKept {
			return fmt.Errorf("more than %d records of packages of interest", maxKept)
		}
	}
	return nil
}

// printable makes foreign text fit for a line of output.
func printable(s string) string {
	return excerpt(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s))
}

// osvClaim puts together what a record says of one package and its variants. Where
// it names no versions, or some that are not read, all are affected.
func osvClaim(affected []osvAffected) Claim {
	var c Claim
	var sets []pep440.Set
	var words []string
	for _, a := range affected {
		set, w, ok := a.versions()
		if !ok {
			set, w = pep440.All(), []string{"not stated: all"}
		}
		sets = append(sets, set)
		for _, word := range w {
			if len(words) < maxWords && !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
		for _, r := range a.Ranges {
			for _, e := range r.Events {
				if r.Type != "GIT" && e.Fixed != "" && len(c.Fixed) < maxWords && !slices.Contains(c.Fixed, e.Fixed) {
					c.Fixed = append(c.Fixed, printable(e.Fixed))
				}
			}
		}
	}
	c.Affected = pep440.Union(sets...)
	c.Ranges = printable(strings.Join(words, ", "))
	return c
}

// maxWords bounds what is printed of one claim.
const maxWords = 32

func (a osvAffected) versions() (set pep440.Set, words []string, ok bool) {
	var sets []pep440.Set
	for _, r := range a.Ranges {
		if r.Type == "GIT" {
			continue
		}
		one, w, good := r.set()
		if !good {
			return set, nil, false
		}
		sets, words = append(sets, one), append(words, w...)
	}
	for _, text := range a.Versions {
		// What is no version cannot be installed.
		if v, err := pep440.Parse(text); err == nil {
			sets = append(sets, pep440.Exactly(v))
		}
	}
	return pep440.Union(sets...), words, len(sets) > 0
}

// osvEnd is an event: a version, and what happens there.
type osvEnd struct {
	v    pep440.Version // zero for "0", the beginning of all
	text string
	kind byte // 'i' introduced, 'f' fixed, 'l' last affected
}

// set evaluates events as the OSV schema says: sorted by version, each introduction
// holds up to the next end.
func (r osvRange) set() (set pep440.Set, words []string, ok bool) {
	var ends []osvEnd
	for _, e := range r.Events {
		for kind, text := range map[byte]string{'i': e.Introduced, 'f': e.Fixed, 'l': e.LastAffected} {
			if text == "" {
				continue
			}
			end := osvEnd{text: text, kind: kind}
			if text != "0" {
				v, err := pep440.Parse(text)
				if err != nil {
					return set, nil, false
				}
				end.v = v
			}
			ends = append(ends, end)
		}
	}
	slices.SortStableFunc(ends, func(a, b osvEnd) int {
		if a.v.IsZero() || b.v.IsZero() {
			return boolOrder(b.v.IsZero(), a.v.IsZero())
		}
		if n := a.v.Compare(b.v); n != 0 {
			return n
		}
		return strings.Compare(string(a.kind), string(b.kind))
	})
	var open *osvEnd
	var sets []pep440.Set
	for _, e := range ends {
		switch {
		case e.kind == 'i' && open == nil:
			open = &e
			ok = true
		case e.kind == 'f' && open != nil:
			sets = append(sets, pep440.Between(open.v, e.v))
			words = append(words, open.text+"..<"+e.text)
			open = nil
		case e.kind == 'l' && open != nil:
			sets = append(sets, pep440.Through(open.v, e.v))
			words = append(words, open.text+".."+e.text)
			open = nil
		}
	}
	if open != nil {
		sets = append(sets, pep440.Between(open.v, pep440.Version{}))
		words = append(words, open.text+"..")
	}
	return pep440.Union(sets...), words, ok
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
