//go:build unix

package stage

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// private refuses a directory in which, or above which, another user could rename
// what was made there. dir is absolute and has no links in it.
func private(dir string) error {
	for {
		info, err := os.Lstat(dir)
		if err != nil {
			return err
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
			return fmt.Errorf("%s belongs to user %d: %w", dir, st.Uid, errShared)
		}
		foreignGroup := info.Mode().Perm()&0o020 != 0 && (!ok || int(st.Gid) != os.Getegid() && st.Gid != 0)
		if (info.Mode().Perm()&0o002 != 0 || foreignGroup) && info.Mode()&fs.ModeSticky == 0 {
			return shared(dir, info.Mode())
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}
