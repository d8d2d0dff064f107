package loaders_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kerasvet/kerasvet/analyzer/loaders"
)

const record = `{"id":"GHSA-aaaa-bbbb-cccc","aliases":["CVE-2099-0001","PYSEC-2099-1"],"modified":"2099-02-03T04:05:06Z","published":"2099-01-02T00:00:00Z",
"summary":"a\u001bhole","affected":[
{"package":{"ecosystem":"PyPI","name":"Keras"},"ranges":[{"type":"GIT","events":[{"introduced":"0"}]},
 {"type":"ECOSYSTEM","events":[{"fixed":"3.12.3"},{"introduced":"0"},{"introduced":"3.13.0"},{"last_affected":"3.14.1"}]}],"versions":["3.15.1"]},
{"package":{"ecosystem":"npm","name":"keras"},"versions":["1.0"]},
{"package":{"ecosystem":"PyPI","name":"requests"},"versions":["1.0"]}]}`

func readOSV(t testing.TB, data string) (loaders.Database, error) {
	t.Helper()
	return loaders.ReadOSV(strings.NewReader(data), int64(len(data)), "osv")
}

func TestOSVRecord(t *testing.T) {
	for scenario, text := range map[string]string{"one record": record, "an array": "[" + record + "]\n"} {
		t.Run(scenario, func(t *testing.T) {
			db, err := readOSV(t, text)
			if err != nil {
				t.Fatal(err)
			}
			if len(db.Advisories) != 1 {
				t.Fatalf("%d advisories", len(db.Advisories))
			}
			a := db.Advisories[0]
			got := fmt.Sprint(a.ID, a.Aliases, a.Published, a.Package, a.What, a.Claims[0].Who, a.Claims[0].Ranges, a.Claims[0].Fixed, db.Covered, db.Date.IsZero())
			want := "CVE-2099-0001[GHSA-aaaa-bbbb-cccc PYSEC-2099-1]2099-01-02kerasa holeGHSA-aaaa-bbbb-cccc0..<3.12.3, 3.13.0..3.14.1[3.12.3][] true"
			if diff := cmp.Diff(want, strings.ReplaceAll(got, " [", "[")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			affected := a.Affected()
			for text, want := range map[string]bool{"2.15.0": true, "3.12.2": true, "3.12.3": false, "3.13.0": true, "3.14.1": true, "3.15.0": false, "3.15.1": true} {
				if got := affected.Contains(version(t, text)); got != want {
					t.Errorf("%s affected: %v", text, got)
				}
			}
		})
	}
}

func TestOSVWithoutVersionsAffectsAll(t *testing.T) {
	for scenario, affected := range map[string]string{
		"nothing is said":        ``,
		"only commits":           `,"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]`,
		"a version that is none": `,"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"next"}]}]`,
	} {
		db, err := readOSV(t, `{"id":"X-1","affected":[{"package":{"ecosystem":"PyPI","name":"tf-keras"}`+affected+`}]}`)
		if err != nil || len(db.Advisories) != 1 || !db.Advisories[0].Affected().Contains(version(t, "99")) {
			t.Errorf("%s: %v %v", scenario, db.Advisories, err)
		}
	}
	db, err := readOSV(t, strings.Replace(record, `"id"`, `"withdrawn":"2099-03-01T00:00:00Z","id"`, 1))
	if err != nil || len(db.Advisories) != 0 {
		t.Errorf("withdrawn: %v %v", db.Advisories, err)
	}
}

func TestMergeByAlias(t *testing.T) {
	db := embedded(t)
	more, err := readOSV(t, `[{"id":"PYSEC-2026-3856","aliases":["CVE-2026-12570","NEW-1"],"affected":[{"package":{"ecosystem":"PyPI","name":"keras"},"versions":["3.15.1"]}]},`+record+`]`)
	if err != nil {
		t.Fatal(err)
	}
	merged := db.Merge(more)
	if got, want := len(merged.Advisories), len(db.Advisories)+1; got != want {
		t.Fatalf("%d advisories, want %d", got, want)
	}
	a := merged.Advisories[0]
	if a.ID != "CVE-2026-12570" || !slices.Contains(a.Aliases, "NEW-1") || len(a.Claims) != 3 || !a.Affected().Contains(version(t, "3.15.1")) || len(a.Rules) == 0 {
		t.Errorf("merged: %+v", a)
	}
	if !merged.Date.Equal(db.Date) {
		t.Errorf("two records made the data new: %v", merged.Date)
	}
	if got := embedded(t).Advisories[0]; len(got.Claims) != 2 {
		t.Errorf("the embedded list was changed: %+v", got)
	}
}

func archive(t testing.TB, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOSVArchive(t *testing.T) {
	db, err := readOSV(t, string(archive(t, "GHSA-aaaa-bbbb-cccc.json", record, "README", "not JSON", "MAL-1.json", `{"id":"MAL-1","modified":"2098-01-01T00:00:00Z"}`)))
	if err != nil {
		t.Fatal(err)
	}
	if len(db.Advisories) != 1 || !slices.Contains(db.Covered, "h5py") {
		t.Errorf("%+v", db)
	}
	if want := time.Date(2099, 2, 3, 4, 5, 6, 0, time.UTC); !db.Date.Equal(want) {
		t.Errorf("date %v, want %v", db.Date, want)
	}
	merged := embedded(t).Merge(db)
	if len(merged.Partial) != 0 || !merged.Date.Equal(db.Date) {
		t.Errorf("after an archive: %v, %v missing", merged.Date, merged.Partial)
	}
}

func TestHostileOSV(t *testing.T) {
	good := archive(t, "a.json", record)
	bomb := archive(t, "a.json", `{"id":"`+strings.Repeat("0", 5<<20)+`"}`)
	edit := func(data []byte, signature string, at int, value uint32) string {
		out := slices.Clone(data)
		binary.LittleEndian.PutUint32(out[bytes.LastIndex(out, []byte(signature))+at:], value)
		return string(out)
	}
	tests := []struct{ scenario, data, want string }{
		{"nothing", "", "osv: an OSV record or an array of them is expected: EOF"},
		{"cut off", record[:100], "osv: an OSV record or an array of them is expected: unexpected EOF"},
		{"more than one value", record + record, "osv: the end of the file is expected behind the first value"},
		{"another document", `{"name":"keras"}`, `osv: an OSV record is expected: there is no "id"`},
		{"another type", `{"id":1}`, "osv: an OSV record or an array of them is expected: json: cannot unmarshal number into Go struct field osvRecord.id of type string"},
		{"an archive that is cut off", string(good[:len(good)-10]), "osv: zip archive: no end record; the file may be cut off"},
		{"an entry that is too long", string(bomb), `osv: zip archive: "a.json": 5242889 bytes, at most 4194304 are read`},
		{"an entry that is longer than it says", edit(bomb, "PK\x01\x02", 24, 100), `osv: zip archive: "a.json": not the 100 bytes that the directory names`},
		{"an entry of another checksum", edit(good, "PK\x01\x02", 16, 1), `osv: zip archive: "a.json": the checksum is another`},
		{"an entry outside of the file", edit(good, "PK\x01\x02", 42, 1<<31), `osv: zip archive: "a.json": not within the file`},
		{"a directory outside of the file", edit(good, "PK\x05\x06", 16, 1<<31), "osv: zip archive: the central directory is not within the file"},
		{"entries that are not there", edit(good, "PK\x05\x06", 8, 0x0fff0fff), "osv: zip archive: the central directory is not within the file"},
		{"a method that is not read", edit(good, "PK\x01\x02", 10, 9), `osv: zip archive: "a.json": compression method 9`},
		{"an archive without records", string(archive(t, "README", "x")), "osv: zip archive: there is no .json entry in it"},
		{"an entry that is no record", string(archive(t, "a.json", "[]")), "osv: a.json: json: cannot unmarshal array into Go value of type loaders.osvRecord"},
	}
	for _, tt := range tests {
		t.Run(tt.scenario, func(t *testing.T) {
			db, err := readOSV(t, tt.data)
			if err == nil || err.Error() != tt.want || len(db.Advisories) > 0 {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

func FuzzReadOSV(f *testing.F) {
	f.Add([]byte(record))
	f.Add([]byte("[" + record + "]"))
	f.Add(archive(f, "a.json", record))
	f.Fuzz(func(t *testing.T, data []byte) {
		db, err := loaders.ReadOSV(bytes.NewReader(data), int64(len(data)), "osv")
		if err != nil && len(db.Advisories) > 0 {
			t.Error("advisories and an error")
		}
	})
}
