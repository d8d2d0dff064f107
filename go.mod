module github.com/kerasvet/kerasvet

go 1.26
