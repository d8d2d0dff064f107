package integrity

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	hex64 = regexp.MustCompile(`^[0-9a-f]{64}$`)
	hex40 = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// Contradictions finds files of which a cache, a downloader or Git LFS says what
// their content is, and it is not:
//
//   - blobs/NAME of a hub cache, where NAME is the SHA-256 of large files and the git
//     blob SHA-1 of small ones (huggingface_hub, file_download.py: the etag);
//   - PATH where .cache/huggingface/download/PATH.metadata has such an etag
//     (huggingface_hub, _local_folder.py: commit, etag and time, a line each);
//   - lfs/objects/aa/bb/OID, where OID is the SHA-256 (Git LFS, docs/spec.md);
//   - a Git LFS pointer in the place of its content.
func (t *Tree) Contradictions(ctx context.Context, sums []Summed) []Finding {
	var found []Finding
	for _, s := range sums {
		if s.Err != nil {
			continue
		}
		full := filepath.Join(t.Dir, filepath.FromSlash(s.Name))
		if s.Link {
			full = resolved(full)
		}
		parts := strings.Split(filepath.ToSlash(full), "/")
		last := parts[len(parts)-1]
		switch n := len(parts); {
		case n > 3 && parts[n-2] == "blobs" && repositoryName(parts[n-3]):
			found = append(found, t.named(ctx, s, last, "The hub cache calls this content")...)
		case n > 5 && hex64.MatchString(last) && parts[n-5] == "lfs" && parts[n-4] == "objects":
			if s.Digest.String() != last {
				found = append(found, Finding{ID: LFSMismatch, Severity: High, Path: s.Name,
					Message: fmt.Sprintf("Git LFS stores this object as %s, but it hashes to %s.", last, s.Digest),
					Help:    "Do not load what was checked out from it; remove the object and fetch it again (git lfs fsck)."})
			}
		}
		if oid := t.pointer(s); oid != "" {
			found = append(found, Finding{ID: LFSMismatch, Severity: Medium, Path: s.Name,
				Message: fmt.Sprintf("This is a Git LFS pointer to %s, not the content itself: its hash says nothing about the model.", oid),
				Help:    "Fetch the content first: git lfs pull."})
		}
		if etag := t.etag(s.Name); etag != "" {
			found = append(found, t.named(ctx, s, etag, "The downloader noted this content as")...)
		}
	}
	return found
}

// named compares content with the etag that it is known by.
func (t *Tree) named(ctx context.Context, s Summed, etag, who string) []Finding {
	got := s.Digest.String()
	switch {
	case hex64.MatchString(etag):
	case hex40.MatchString(etag):
		var err error
		if got, err = t.gitBlob(ctx, s); err != nil {
			return nil // unreadable now, although it was hashed: Sums has said so
		}
	default:
		return nil
	}
	if got == etag {
		return nil
	}
	return []Finding{{ID: CacheMismatch, Severity: High, Path: s.Name,
		Message: fmt.Sprintf("%s %s, but it hashes to %s.", who, etag, got),
		Help:    "Do not load the file; delete it and download it again."}}
}

// gitBlob is the SHA-1 that git gives to a file's content.
func (t *Tree) gitBlob(ctx context.Context, s Summed) (string, error) {
	f, info, err := t.Open(s.Name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", info.Size)
	_, err = Copy(ctx, h, f, nil)
	return hex.EncodeToString(h.Sum(nil)), err
}

const (
	maxPointer = 1024 // bytes (Git LFS, docs/spec.md)
	maxEtag    = 4096
	lfsVersion = "version https://git-lfs.github.com/spec/v1\n"
)

// pointer is the oid of a file that is a Git LFS pointer, empty for others.
func (t *Tree) pointer(s Summed) string {
	if s.Size > maxPointer || s.Size < int64(len(lfsVersion)) {
		return ""
	}
	data := t.head(s.Name, maxPointer)
	if !bytes.HasPrefix(data, []byte(lfsVersion)) {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if oid, ok := strings.CutPrefix(strings.TrimSpace(line), "oid sha256:"); ok {
			return short(oid)
		}
	}
	return "nothing"
}

// etag is what a downloader noted about a file, empty if there is no note.
func (t *Tree) etag(name string) string {
	if strings.HasPrefix(name, ".cache/") {
		return ""
	}
	in := bufio.NewScanner(bytes.NewReader(t.head(".cache/huggingface/download/"+name+".metadata", maxEtag)))
	in.Scan()
	in.Scan()
	return strings.TrimSpace(in.Text())
}

// head is the beginning of a file, nothing if there is none.
func (t *Tree) head(name string, n int64) []byte {
	f, _, err := t.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, n))
	return data
}
