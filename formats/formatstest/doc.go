// Package formatstest turns a readable case into the bytes of a model file, in
// any of several containers, and can write each format wrongly on purpose.
//
// It is a test helper like net/http/httptest. It imports no other package of
// this module: what it writes is a second opinion about the formats, checked
// against Python's zipfile and h5py and not against our own decoders.
//
// A case is one txtar archive:
//
//	# A Lambda layer, hidden from readers that take the first copy.
//	container: keras
//	expect: flagged
//	keras: 3.8.0
//	zip: method config.json deflate
//	-- config.json --
//	{"class_name": "Sequential", "config": {"layers": []}}
//	-- config.json#2 --
//	{"class_name": "Lambda", "config": {}}
//	-- model.weights.h5 --
//	!h5
//	dataset /layers/dense/vars/0 f4 3x3 7
//	external-link /layers/dense/vars/1 other.h5 /b
//	-- want --
//	lambda-layer model.keras!config.json#/class_name
//
// # Header
//
// The text before the first section has lines "key: value", empty lines, and
// comments, which start with "#". An unknown key is an error, and so is a
// second line of a key that is not marked as repeatable here. Values are words
// between blanks. A word that starts with " or ` is a Go string literal and may
// hold blanks and any byte; numbers may be written as 0x10 or 0o755.
//
//	container: NAME...        keras, zip, h5, json, dir, savedmodel, pickle: what the case can be built as; a pickle is
//	                          the section called model.pkl or as "name:" says, and lock is the
//	                          section called as the file, one that pins versions
//	                          tar is an archive of all sections, file the section called as "name:" says
//	expect: VERDICT           flagged, clean, unanalyzed or foreign
//	scan: PATH                the part of a directory that is scanned, for dir
//	name: NAME                of the file or directory (model.keras, model.zip, model.h5, model.json, model)
//	limits: NAME=N...         kept for the caller
//	keras: VERSION            writes metadata.json, or the attributes keras_version and backend
//	replace: SECTION OLD SOURCE   (repeatable) puts SOURCE for every OLD
//	append: SECTION SOURCE    (repeatable)
//	repeat: SECTION N TEXT    (repeatable) the section becomes N times TEXT
//	encode: SECTION ENCODING  (repeatable) utf-16, utf-16-le, utf-16-be, utf-32, utf-32-le,
//	                          utf-32-be, utf-8-sig or latin-1, as Python names them
//	zip: VERB...              (repeatable) see below; for keras and zip
//	h5: VERB...               (repeatable) see below; for h5
//	dir: symlink PATH TARGET  (repeatable) for dir
//	tar: VERB...              (repeatable) see below; for tar
//	compress: KIND            the file becomes a gzip, bzip2, xz, lzma or zstd stream
//	prefix: SOURCE            (repeatable) bytes before the finished file; nothing is adjusted
//	suffix: SOURCE            (repeatable)
//	truncate: N               (repeatable) keeps N bytes; -N drops the last N
//	poke: OFFSET SOURCE       (repeatable) overwrites; -N counts from the end
//
// The last four apply to every container but dir, in their order. They are
// also verbs of "zip:" and "h5:" lines, and then apply to that container only.
//
// A SOURCE is one word of text, or "zeros N", "repeat N TEXT", "hex DIGITS", or
// "$name", a section of that name.
//
// # Sections
//
// "want" is kept unchanged for the caller. Sections whose name starts with "$"
// are blobs for SOURCE and part of no container. HDF5 attributes have names
// like "@model_config" or "/group@name"; "model_config" and "training_config"
// do without the "@". All others are members of an archive or files of a
// directory. A section that no container of the case can use is an error.
//
// "config.json#2" is a second member (or attribute) that is written under the
// name config.json; scripts call it by the name with the number.
//
// "outer.zip!inner.txt" is a member of an archive that is itself the member
// outer.zip, to any depth; "$tail!config.json" makes the blob $tail an archive.
//
// Members come in the order of the sections, stored without compression, after
// the metadata.json of "keras:". Nothing else is added: a case without weights
// is an archive without weights.
//
// In container json, the file is config.json. In container h5, config.json is
// the root attribute model_config unless a section model_config is there, and
// the script of a section model.weights.h5 runs before the "h5:" lines, so that
// one case can be built as keras and as h5. Attributes lose the last newline.
//
// The first line of a section may say how to read the rest:
//
//	!hex       hexadecimal digits and blanks
//	!base64    base64 and blanks
//	!chomp     text without its last newline
//	!h5        a script of the verbs of "h5:" lines: the section is an HDF5 file
//	!savedmodel        a script of a SavedModel, see below; "!savedmodel text" writes it in
//	                   text form, as saved_model.pbtxt has it
//	!bundle            a script of the index of a TensorFlow checkpoint, see below
//	!keras-metadata    lines "node PATH IDENTIFIER SOURCE": keras_metadata.pb, with SOURCE as the metadata
//	!pickle    opcodes, one a line, by their names in Python's pickletools: "PROTO 2", "GLOBAL os system",
//	           "BINBYTES SOURCE" with its length counted; arguments that end at a newline are words
//	           ("STRING 'id'", "PUT 0"); "RAW DIGITS" is bytes in hexadecimal
//	!!...      text that starts with one "!"
//
// # Verbs of zip lines
//
// Lines run in order. MEMBER is the name of a section. Honest ones:
//
//	method MEMBER NAME           compress: stored, deflate, bzip2, lzma or zstd
//	descriptor MEMBER            sizes and checksum after the data
//	zip64 MEMBER                 8-byte sizes in an extra field
//	zip64                        zip64 end records
//	mode MEMBER MODE             symlink, directory, or a Unix mode such as 0o100755
//	preamble SOURCE              bytes in front that offsets count
//	comment SOURCE               of the archive
//	repeat NAME%dNAME N          N empty members with numbered names
//
// Lies about a member:
//
//	duplicate MEMBER             a second member of the same name and content
//	raw-name MEMBER NAME         other bytes as the name, in both headers
//	local-name, central-name MEMBER NAME     in one of them
//	unicode-path MEMBER NAME     extra field 0x7075 with the right checksum
//	unicode-path-bad-crc MEMBER NAME
//	extra, local-extra, central-extra MEMBER HEX     more extra field bytes
//	method MEMBER N              only claims method N
//	flag MEMBER N                adds flag bits, in both headers
//	crc, claim-size, claim-compressed MEMBER N       in every place that states it
//	local-X, central-X, descriptor-X MEMBER N        in one place; X is flag, method, crc, size or compressed
//	claim-offset MEMBER N        the central record points elsewhere
//
// Lies about the archive:
//
//	hidden MEMBER                local header and data without a central record
//	overlap NAME MEMBER          a further central record NAME for the data of MEMBER
//	central-first MEMBER         its central record comes first
//	gap SOURCE                   bytes between the members and the central directory
//	no-end                       no end of central directory
//	end-X N                      the end record claims N; X is entries, size, offset, disk or comment
//	prefix, suffix, truncate, poke
//
// # Verbs of tar lines
//
// MEMBER is the name of a section; links, devices, pipes and directories need none. Entries
// have ustar headers. A section "inner.tar!name" makes a tar archive of the member.
//
//	symlink, hard-link MEMBER TARGET
//	device, pipe, directory MEMBER
//	type MEMBER CHARACTER        any type of entry
//	mode MEMBER MODE             Unix permission bits, 0o4755
//	raw-name MEMBER NAME         the name in the header
//	pax MEMBER KEY VALUE         a pax header in front
//	long-name MEMBER NAME        a GNU long name in front
//	claim-size MEMBER N          the header says so
//	checksum MEMBER TEXT         the header has that instead of its sum
//	gap MEMBER SOURCE            bytes behind the data
//	behind MEMBER                stands behind the end of the archive
//	no-end                       no blocks of zeros at the end
//
// # Verbs of h5 lines
//
// Groups on the way to a path are made as needed. A name that exists already is
// not replaced: there will be two links of that name.
//
//	superblock N                 0 to 3; 0 is the default. 0 and 1 store groups as symbol tables,
//	                             2 and 3 as link messages with checksums
//	sizes OFFSETS LENGTHS        size of addresses and of lengths: 2, 4 or 8
//	user-block N [SOURCE]        N bytes before the superblock, which knows of them
//	group PATH
//	dataset PATH TYPE SHAPE [VALUE...]       contiguous; zeros, one value for all, or all values
//	compact PATH TYPE SHAPE [VALUE...]       data in the header
//	chunked PATH TYPE SHAPE CHUNK [VALUE...] nothing is stored unless there are values
//	unallocated PATH TYPE SHAPE              contiguous, but nothing is stored: any shape will do
//	filter PATH ID [CLIENT...]   1 deflate, 2 shuffle and 3 fletcher32 are applied; others only claimed
//	fill PATH VALUE
//	external-storage PATH FILE OFFSET SIZE   makes PATH if need be; repeat for several files
//	virtual PATH FILE SOURCE     makes PATH if need be
//	soft-link PATH TARGET
//	external-link PATH FILE TARGET
//	hard-link PATH TARGET        TARGET is there already; cycles are fine
//	user-link PATH TYPE HEX      user-defined link type 64 to 255
//	type PATH TYPE               a committed datatype
//	attr PATH@NAME TYPE SHAPE [VALUE...]
//	attr-style STYLE [PATH@NAME] how an attribute section is stored (default: model_config)
//	dense PATH                   attributes in dense storage, which a text over 64 kB needs in
//	                             the fixed styles
//	dense-links PATH             links in dense storage
//	new-style PATH               link messages in a file of superblock 0 or 1
//	continuation PATH            header messages in a continuation block
//
// A TYPE is f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 (with ">" for big-endian), SN and
// UN (null-padded ASCII and UTF-8 of N bytes), VN (opaque), string and ascii
// (variable length), ref (object reference; a value is a path), regref,
// seq*N:TYPE (N nested sequences), or =/path for a committed type. A SHAPE is
// scalar, null, or 2x3.
//
// A STYLE is vlen-ascii (the default), vlen, vlen-array, fixed, fixed-utf8,
// fixed-array, null-terminated, null-padded and space-padded (100 bytes of it),
// latin-1, opaque, uint8, committed (type in /committed_type) or null.
//
// Lies:
//
//	claim-shape PATH SHAPE       the dataspace says so
//	claim-size PATH N            the data layout says so (compact, contiguous)
//	claim-address PATH N         the data layout points there
//	claim-eof N                  the superblock's end of file
//	unsorted PATH                names as in the script, where readers search a sorted list
//	stale PATH                   the parent caches a wrong symbol table address for the group
//	continuation PATH loop       a continuation block that continues in itself
//	break-checksum PATH          or "superblock" for PATH
//	message PATH TYPE FLAGS HEX  a further header message, of any type
//	prefix, suffix, truncate, poke
//
// # Verbs of SavedModel scripts
//
// Lines run in order. Nodes go to the main graph until a function begins.
//
//	tag NAME                     of the graph, such as serve
//	version VERSION              of the TensorFlow that wrote it
//	op NAME TYPE [INPUT...]      a node; "^NAME" is a control input, in a function "NAME:OUT:0" an output
//	const NAME [TEXT...]         a Const of text
//	attr NAME KIND VALUE...      of the node above; KIND is text, int, bool, type, function, texts,
//	                             types or functions for a list, or content for a text in a tensor_content
//	function NAME [ARG...]       the nodes that follow are its; arguments are text
//	implements NAME              the function's attribute api_implements
//	main                         the nodes that follow are the main graph's
//	gradient FUNCTION GRADIENT   GRADIENT is a function
//	registered TYPE GRADIENT     for nodes whose _gradient_op_type is TYPE
//	signature NAME TENSOR...     its outputs
//	collection NAME NODE...
//	saver FILENAME SAVE RESTORE  tensor, tensor, node
//	asset PATH [TENSOR]
//	object KIND [ARGUMENT...]    numbered from 0: user IDENTIFIER [METADATA], asset NUMBER, function
//	                             FUNCTION, bare-function FUNCTION, constant NODE, variable or resource
//	child PARENT NAME CHILD      by their numbers
//	saveable OBJECT SAVE RESTORE     SAVE and RESTORE are objects
//	concrete FUNCTION [OBJECT...]    the objects that it is bound to
//
// # Verbs of checkpoint index scripts
//
// Lines run in order. Honest ones write what TensorFlow's writer does:
//
//	header SHARDS [ENDIANNESS [PRODUCER [CONSUMER]]]     1 is big-endian
//	tensor NAME TYPE SHAPE SHARD OFFSET SIZE [CRC]       TYPE is float, string, ..., or a number;
//	                             SHAPE is scalar, unknown, or 2x3
//	tensors N NAME%dNAME TYPE SHAPE SIZE [CRC]           numbered, their bytes behind each other
//	slice [START LENGTH]...      the tensor above is stored in parts, this one among them
//	block                        begins a block
//	interval N                   keys from one restart to the next
//	snappy                       blocks are compressed
//
// Lies:
//
//	before HEX                   bytes in front of the first block, which handles count
//	raw NAME [HEX]               an entry of any value
//	key SHARED REST LENGTH [HEX] an entry as it stands in a block
//	found-by NAME                what the block is found by
//	found-again                  the block is listed twice
//	restarts [OFFSET...]         of the block
//	compression N                only claims it
//	break-checksum               of the block
//
// Links, attributes and object paths in a script are written in the order of
// the script; the same case always becomes the same bytes.
package formatstest
