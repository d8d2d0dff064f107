package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/kerasvet/kerasvet/formats"
)

// MLflowLoaderModule finds MLflow models that make MLflow import a module of their choice.
var MLflowLoaderModule = &Rule{
	ID:       "mlflow-loader-module",
	Title:    "MLflow model that names a module to import",
	Severity: High,
	Since:    "0.1.0",
	CWE:      []int{829},
	Check: func(p *Pass) {
		for _, n := range p.documents() {
			if path.Base(strings.ReplaceAll(n.Parent.Name, `\`, "/")) != "MLmodel" {
				continue
			}
			flavors := n.Get("flavors")
			if flavors == nil {
				continue
			}
			for _, f := range flavors.Children {
				if at := f.Get("model_code_path"); at != nil && at.Kind == formats.KindString {
					p.Reportf(at, at.Text, "The flavor %s names the Python file %s as its model_code_path: MLflow runs it when the model is loaded.", quote(formats.Printable(f.Name)), quote(formats.Printable(at.Text)))
				}
				for _, key := range []string{"loader_module", "keras_module"} {
					if at := f.Get(key); at != nil && at.Kind == formats.KindString && !mlflowModule(key, at.Text) {
						p.Reportf(at, at.Text, "The flavor %s names the module %s as its %s: MLflow imports it when the model is loaded, from the directory of the model if that holds one.", quote(formats.Printable(f.Name)), quote(formats.Printable(at.Text)), key)
					}
				}
			}
		}
	},
}

// kerasModules are what MLflow itself writes as keras_module.
var kerasModules = []string{"keras", "tensorflow.keras", "tf_keras", "tensorflow.python.keras"}

// mlflowModule reports whether MLflow itself writes a module under a key.
func mlflowModule(key, module string) bool {
	if key == "keras_module" {
		return slices.Contains(kerasModules, module)
	}
	rest, ok := strings.CutPrefix(module, "mlflow.")
	return ok && slices.Contains(mlflowFlavors, rest)
}

// mlflowFlavors are the modules of MLflow 1 and 2 that load models.
var mlflowFlavors = []string{"catboost", "diffusers", "diviner", "fastai", "gluon", "h2o", "johnsnowlabs", "keras", "keras.load", "langchain", "lightgbm", "llama_index", "mleap", "onnx", "openai", "paddle", "prompt.promptlab_model",
	"pmdarima", "promptflow", "prophet", "pyfunc.model", "pyfunc.loaders.chat_model", "pyfunc.loaders.code_model", "pyfunc.loaders.chat_agent", "pyfunc.loaders.responses_agent", "pyspark.ml",
	"pytorch", "sentence_transformers", "shap", "sklearn", "spacy", "spark", "statsmodels", "tensorflow", "transformers", "xgboost", "dspy"}
