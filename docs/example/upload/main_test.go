package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUpload(t *testing.T) {
	honest := sample(t, "honest.keras")
	for _, test := range []struct {
		name, path string
		body       []byte
		nodes      int64 // a limit; 0 for the service's own
		status     int
		verdict    string
		kept       []string
	}{
		{name: "honest", path: "/models/honest.keras", body: honest, status: http.StatusCreated, verdict: "clean", kept: []string{"honest.keras"}},
		{name: "hostile", path: "/models/shell.keras", body: sample(t, "hostile-os-system.keras"), status: http.StatusUnprocessableEntity, verdict: "flagged"},
		{name: "encrypted", path: "/models/secret.keras", body: sample(t, "hostile-encrypted.keras"), status: http.StatusUnprocessableEntity, verdict: "unanalyzed"},
		{name: "above a limit", path: "/models/honest.keras", body: honest, nodes: 3, status: http.StatusUnprocessableEntity, verdict: "unanalyzed"},
		{name: "no model", path: "/models/text.keras", body: []byte("hello"), status: http.StatusUnprocessableEntity, verdict: "unanalyzed"},
		{name: "empty", path: "/models/empty.keras", status: http.StatusUnprocessableEntity, verdict: "unanalyzed"},
		{name: "a path for a name", path: "/models/..%2f..%2fhonest.keras", body: honest, status: http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t.TempDir())
			if test.nodes > 0 {
				s.limits.Nodes = test.nodes
			}
			mux := http.NewServeMux()
			mux.Handle("POST /models/{name}", s)
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, test.path, bytes.NewReader(test.body)))
			if w.Code != test.status {
				t.Errorf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
			var a answer
			if test.verdict != "" {
				if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
					t.Fatalf("%v in %s", err, w.Body)
				}
			}
			if a.Verdict != test.verdict {
				t.Errorf("verdict %q, want %q: %v", a.Verdict, test.verdict, a)
			}
			if diff := cmp.Diff(test.kept, files(t, s.dir)); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUploadBusy fills every slot; the next upload is told to come back.
func TestUploadBusy(t *testing.T) {
	s := newService(t.TempDir())
	for range scanMost {
		s.slots <- struct{}{}
	}
	mux := http.NewServeMux()
	mux.Handle("POST /models/{name}", s)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/models/m.keras", bytes.NewReader(nil)))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// files are the names in a directory, what is hidden too.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
