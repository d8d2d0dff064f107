package integrity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
)

// Summed is a file and its SHA-256.
type Summed struct {
	File
	Digest Digest
	Err    error // the file could not be read as a whole; Digest means nothing then
}

// Sum hashes one file of a model.
func (t *Tree) Sum(ctx context.Context, name string, moved func(int)) (Digest, File, error) {
	f, info, err := t.Open(name)
	if err != nil {
		return Digest{}, File{Name: name}, err
	}
	defer f.Close()
	d, n, err := Sum(ctx, f, moved)
	if err == nil {
		err = unchanged(info, n, f)
	}
	return d, info, bare(err)
}

// Sums hashes files of a model, jobs at a time (0 means one per processor), in the
// order of the list. moved is called from several goroutines.
func (t *Tree) Sums(ctx context.Context, files []File, jobs int, moved func(int)) []Summed {
	sums := make([]Summed, len(files))
	each(len(files), jobs, func(i int) {
		d, info, err := t.Sum(ctx, files[i].Name, moved)
		if err != nil {
			info = files[i]
		}
		sums[i] = Summed{File: info, Digest: d, Err: err}
	})
	return sums
}

// unchanged refuses a file that was written to while it was read.
func unchanged(before File, read int64, f *os.File) error {
	after, err := f.Stat()
	if err != nil {
		return err
	}
	if read != before.Size || after.Size() != before.Size || !after.ModTime().Equal(before.ModTime) {
		return errors.New("was written to while it was read: let nothing write to the model and try again")
	}
	return nil
}

// each calls f for 0 to n-1, jobs calls at a time.
func each(n, jobs int, f func(int)) {
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(jobs, n) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// Errors joins what was not read, naming each file.
func Errors(sums []Summed) error {
	var errs []error
	for _, s := range sums {
		if s.Err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.Name, s.Err))
		}
	}
	return errors.Join(errs...)
}
