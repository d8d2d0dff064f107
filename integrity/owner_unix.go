//go:build unix

package integrity

import (
	"fmt"
	"os"
	"syscall"
)

// sameOwner names the owner of both files if one user who is not root owns both and
// may write to the first, and is empty otherwise.
func sameOwner(list, model string) string {
	a, err1 := os.Stat(list)
	b, err2 := os.Stat(model)
	if err1 != nil || err2 != nil {
		return ""
	}
	x, ok1 := a.Sys().(*syscall.Stat_t)
	y, ok2 := b.Sys().(*syscall.Stat_t)
	if !ok1 || !ok2 || x.Uid != y.Uid || x.Uid == 0 || a.Mode().Perm()&0o200 == 0 {
		return ""
	}
	return fmt.Sprintf("user %d", x.Uid)
}
