// Package pyname folds the packages under which one Keras is installed to one.
package pyname

import "strings"

// packages are the roots that hold Keras, longest first where one begins with
// another: tf.keras and its private home, the API trees of Keras 2 and 3, and
// tf_keras. Each ends with its dot.
var packages = []string{
	"tensorflow.python.keras.api._v1.keras.",
	"tensorflow.python.keras.api._v2.keras.",
	"tensorflow.compat.v1.keras.",
	"tensorflow.compat.v2.keras.",
	"tensorflow.python.keras.",
	"tensorflow_core.python.keras.",
	"tensorflow.contrib.keras.",
	"tensorflow_core.keras.",
	"tensorflow.keras.",
	"tf_keras.api._v1.keras.",
	"tf_keras.api._v2.keras.",
	"tf_keras.api.",
	"tf_keras.",
	"keras.api._v1.keras.",
	"keras.api._v2.keras.",
	"keras.api._tf_keras.keras.",
	"keras._tf_keras.keras.",
	"keras.api.",
}

// Fold writes a dotted name or module of any Keras package as one below keras:
// tensorflow.keras.layers.Dense and keras.src.layers.Dense are keras.layers.Dense.
// A name outside those packages comes back as it is.
func Fold(path string) string {
	if path == "" || (path[0] != 'k' && path[0] != 't') {
		return path
	}
	for { // folding may bring up another root: tf_keras.api._v2.keras.src.x
		folded := fold(path)
		if folded == path {
			return path
		}
		path = folded
	}
}

func fold(path string) string {
	for _, root := range packages {
		if strings.HasPrefix(path, root) {
			return "keras." + path[len(root):]
		}
		if len(path) == len(root)-1 && path == root[:len(root)-1] {
			return "keras"
		}
	}
	if path == "keras.src" {
		return "keras"
	}
	if rest, ok := strings.CutPrefix(path, "keras.src."); ok {
		return "keras." + rest
	}
	return path
}
