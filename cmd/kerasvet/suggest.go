package main

import "fmt"

// maxDistance is how many letters a word may differ from what was meant.
const maxDistance = 3

// nearest returns the word that s may have been meant to be, empty if none is near.
func nearest(s string, words []string) string {
	best, at := min(maxDistance, len(s)/2)+1, ""
	for _, w := range words {
		if d := distance(s, w); d < best {
			best, at = d, w
		}
	}
	return at
}

// didYouMean is nearest as the end of an error message.
func didYouMean(s string, words []string) string {
	if w := nearest(s, words); w != "" {
		return fmt.Sprintf("; did you mean %s?", w)
	}
	return ""
}

// distance is the Levenshtein distance between two strings, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
