package formatstest

import "fmt"

// buildLock returns the section that is called as the file.
func (c *Case) buildLock(name string) ([]byte, error) {
	if s := c.section(name); s != nil {
		return s.text, nil
	}
	return nil, fmt.Errorf("%s: no section %q", c.Name, name)
}
