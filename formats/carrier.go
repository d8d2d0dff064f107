package formats

import (
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats/internal/pyflow"
	"github.com/kerasvet/kerasvet/formats/internal/pymarshal"
)

// lambdaClass marks a serialized function in the formats of Keras 2.12 and later.
const lambdaClass = "__lambda__"

// lambdaArguments are the arguments of a Lambda layer that hold functions.
var lambdaArguments = []string{"function", "output_shape", "mask"}

// mayCarry reports whether a value makes the JSON object that holds it one that
// may carry a serialized function.
func mayCarry(text string) bool {
	return text == "lambda" || text == lambdaClass || strings.HasSuffix(text, "Lambda")
}

// carriers returns the serialized functions that stand directly in one JSON object:
//   - {"class_name": "__lambda__", "config": {"code"|"value": ...}} wherever it is,
//   - X beside "X_type": "lambda", as Lambda, the RNN wrappers and the Merge of
//     Keras 1 write it,
//   - a [code, defaults, closure] list in an argument of a Lambda layer.
//
// An argument that stands twice is there twice.
func carriers(n *Node) []*Function {
	class, _ := n.GetString("class_name")
	if class == lambdaClass {
		return marked(n)
	}
	found := typed(n)
	if class == "Lambda" || strings.HasSuffix(class, ".Lambda") || strings.HasSuffix(class, ">Lambda") {
		for _, c := range n.Children {
			if c.Name == "config" && c.Kind == KindObject {
				found = append(found, arguments(c)...)
			}
		}
	}
	return found
}

// marked returns the function of a {"class_name": "__lambda__"}.
func marked(n *Node) (found []*Function) {
	config := n.Get("config")
	for _, key := range []string{"code", "value"} {
		if code := codeString(config.Get(key)); code != nil {
			name := n.Name
			if name == "" {
				name = lambdaClass
			}
			found = append(found, &Function{At: n, Code: code, Key: name})
		}
	}
	return found
}

// typed returns the values beside which a "_type" says that they are code.
func typed(n *Node) (found []*Function) {
	for _, t := range n.Children {
		key, ok := strings.CutSuffix(t.Name, "_type")
		if !ok || t.Text != "lambda" || t.Kind != KindString {
			continue
		}
		for _, c := range n.Children {
			if code := codeString(c); code != nil && c.Name == key {
				found = append(found, &Function{At: c, Code: code, Key: key, Modules: modulesFor(n, key)})
			}
		}
	}
	return found
}

// arguments returns the functions in the configuration of a Lambda layer whose
// type is not stated.
func arguments(config *Node) (found []*Function) {
	for _, c := range config.Children {
		if untuple(c) == nil || untuple(c).Kind != KindArray || !slices.Contains(lambdaArguments, c.Name) || config.Get(c.Name+"_type") != nil {
			continue
		}
		if code := codeString(c); code != nil {
			found = append(found, &Function{At: c, Code: code, Key: c.Name, Modules: modulesFor(config, c.Name)})
		}
	}
	return found
}

// modulesFor returns the modules whose names Keras 2 adds to the globals of a
// function (_parse_function_from_config in keras/src/layers/core/lambda_layer.py):
// "module" for the function of a Lambda layer, "X_module" for an argument X.
func modulesFor(config *Node, key string) (modules []string) {
	keys := []string{key + "_module"}
	if key == "function" {
		keys = append(keys, "module")
	}
	for _, k := range keys {
		if m, _ := config.GetString(k); m != "" && m != mainModule && !slices.Contains(modules, m) {
			modules = append(modules, m)
		}
	}
	return modules
}

// codeString returns the string that holds the code: the value itself (Keras 1),
// or the first element of [code, defaults, closure].
func codeString(n *Node) *Node {
	n = untuple(n)
	if n != nil && n.Kind == KindArray && len(n.Children) > 0 {
		n = n.Children[0]
	}
	if n == nil || n.Kind != KindString {
		return nil
	}
	return n
}

// untuple returns the array that stands for a tuple in the metadata of a
// SavedModel (keras/saving/legacy/saved_model/json_utils.py), else n itself.
func untuple(n *Node) *Node {
	if n != nil && n.Kind == KindObject {
		if class, _ := n.GetString("class_name"); class == "__tuple__" {
			return n.Get("items")
		}
	}
	return n
}

// defaults returns the values of the last parameters, nil if there are none.
func (f *Function) defaults() *Node { return f.given("defaults", 1) }

// closure returns the values of the free variables, nil if there are none.
func (f *Function) closure() *Node { return f.given("closure", 2) }

// given returns what stands beside the code: an element of its list, or a key of
// its object.
func (f *Function) given(key string, index int) *Node {
	parent := f.Code.Parent
	switch {
	case parent.Kind == KindArray && index < len(parent.Children):
		return untuple(parent.Children[index])
	case parent.Kind == KindObject:
		return parent.Get(key)
	}
	return nil
}

// environment is what the loader adds to the code.
func (f *Function) environment() pyflow.Env {
	return pyflow.Env{
		Names:    loaderNames,
		Modules:  f.Modules,
		Defaults: givens(f.defaults()),
		Closure:  givens(f.closure()),
	}
}

// loaderNames are global names of the modules whose globals a function gets, where
// they are not modules of that name: keras/src/utils/python_utils.py of Keras 3,
// keras/layers/core/lambda_layer.py and keras/utils/generic_utils.py of Keras 2.
var loaderNames = map[string]string{
	"python_types": "types", "np": "numpy", "tf": "tensorflow", "K": "keras.backend", "backend": "keras.backend",
	"generic_utils": "keras.utils.generic_utils", "serialization_lib": "keras.saving.serialization_lib",
}

// givens turns the elements of a JSON array into what code sees.
func givens(n *Node) (values []pyflow.Given) {
	n = untuple(n)
	if n == nil || n.Kind != KindArray {
		return nil
	}
	for _, c := range n.Children {
		v := pyflow.Given{}
		if c.Kind == KindString {
			v.Const = &pymarshal.Value{Kind: pymarshal.KindText, Text: c.Text}
		}
		values = append(values, v)
	}
	return values
}
