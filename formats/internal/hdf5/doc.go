// Package hdf5 reads the metadata of HDF5 files: the group tree, links,
// attributes, and what each dataset says of its shape, type, layout, filters,
// external files and virtual sources.
//
// It reads what libhdf5 would see, within the budget of bounds, and reports
// whatever it could not read or does not trust. It reads no raw data, follows
// no external link, external file or virtual source, and loads no filter.
//
// Section numbers refer to the HDF5 File Format Specification version 3.0.
package hdf5
