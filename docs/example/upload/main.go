// Upload is an example of a web service that vets models before it keeps them. It
// bounds what an upload may cost: its size, the time, the memory, and how many are
// scanned at once. What is not clean is refused, and that includes what could not be
// read.
//
//	go run ./docs/example/upload -dir models
//	curl --data-binary @testdata/samples/honest.keras localhost:8080/models/honest.keras
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/kerasvet/kerasvet/analyzer"
	"github.com/kerasvet/kerasvet/formats"
	"github.com/kerasvet/kerasvet/rules"
)

const (
	maxUpload = 2 << 30          // bytes of one model
	scanTime  = 20 * time.Second // of one model
	scanMost  = 2                // models at once: each may take 96 MiB of text, and what holds its tree
)

// modelName is what a model may be called here: one name without a path, with the
// ending of a format that this service serves.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.(keras|h5)$`)

// service keeps vetted models in a directory.
type service struct {
	dir    string
	limits formats.Limits
	slots  chan struct{} // one for each scan that may run
}

func newService(dir string) *service {
	return &service{
		dir: dir,
		// Less than the defaults, which are made for a developer's machine.
		limits: formats.Limits{ReadBytes: 256 << 20, Nodes: 200_000, Nesting: 3},
		slots:  make(chan struct{}, scanMost),
	}
}

// answer is what the client is told about a model.
type answer struct {
	Verdict  string   `json:"verdict"`
	Findings []string `json:"findings,omitempty"`
	Problems []string `json:"problems,omitempty"`
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !modelName.MatchString(name) {
		http.Error(w, "the name of a model is letters and digits, and ends in .keras or .h5", http.StatusBadRequest)
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many models are being scanned", http.StatusServiceUnavailable)
		return
	}
	file, err := s.spool(w, r)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			http.Error(w, "the model is too large", http.StatusRequestEntityTooLarge)
			return
		}
		log.Printf("upload of %s: %v", name, err)
		http.Error(w, "the upload failed", http.StatusInternalServerError)
		return
	}
	defer os.Remove(file.Name()) // fails once the model is kept
	defer file.Close()

	result := s.scan(r.Context(), name, file)
	status := http.StatusUnprocessableEntity
	if result.Verdict() == analyzer.Clean { // and not: if there are no findings
		if err := errors.Join(file.Close(), os.Rename(file.Name(), filepath.Join(s.dir, name))); err != nil {
			log.Printf("keeping %s: %v", name, err)
			http.Error(w, "the model was not kept", http.StatusInternalServerError)
			return
		}
		status = http.StatusCreated
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(newAnswer(result)) // a client that is gone needs no answer
}

// spool writes the upload to a file beside the models, which nobody serves.
func (s *service) spool(w http.ResponseWriter, r *http.Request) (*os.File, error) {
	file, err := os.CreateTemp(s.dir, ".upload-*")
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(file, http.MaxBytesReader(w, r.Body, maxUpload)); err != nil {
		file.Close()
		os.Remove(file.Name())
		return nil, err
	}
	return file, nil
}

// scan vets the very file that will be kept.
func (s *service) scan(ctx context.Context, name string, file *os.File) analyzer.Result {
	in := analyzer.Input{Name: name, Explicit: true, Open: func(context.Context) (io.ReaderAt, int64, error) {
		info, err := file.Stat()
		if err != nil {
			return nil, 0, err
		}
		return io.NewSectionReader(file, 0, info.Size()), info.Size(), nil
	}}
	result, _ := analyzer.Analyze(ctx, in, analyzer.Options{Limits: s.limits, Timeout: scanTime})
	return result
}

// newAnswer says what was found. Addresses and messages are printable whatever the
// model holds; who shows them in a page still escapes them.
func newAnswer(r analyzer.Result) answer {
	a := answer{Verdict: r.Verdict().String()}
	for _, f := range r.Findings {
		if f.Rule.Severity > rules.Info && f.Waiver == nil {
			a.Findings = append(a.Findings, f.Rule.ID+": "+f.Message+" "+f.Place.Address)
		}
	}
	for _, p := range r.Problems {
		a.Problems = append(a.Problems, p.Place.Address+": "+p.Message)
	}
	return a
}

func main() {
	dir := flag.String("dir", "models", "where vetted models are kept")
	address := flag.String("address", "localhost:8080", "where to listen")
	flag.Parse()
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /models/{name}", newService(*dir))
	server := &http.Server{Addr: *address, Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, MaxHeaderBytes: 16 << 10}
	log.Fatal(server.ListenAndServe())
}
