/*
 * check - lints the OpenAPI document that the daemon serves, and holds every
 * answer that the integration tests recorded against it.
 *
 * usage: check.cjs MODULES ANSWERS
 *   MODULES  the folder whose node_modules/ has the packages
 *   ANSWERS  holds openapi.json and *.jsonl, one recorded answer a line:
 *            {"method", "path", "status", "type", "headers", "body"}
 *
 * The last line counts: "N passed, M failed".
 */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const [modules, answers] = process.argv.slice(2);
const need = createRequire(path.resolve(modules, "x.js"));
const { createConfig, lintFromString } = need("@redocly/openapi-core");
const Ajv = need("ajv/dist/2020").default;
const formats = need("ajv-formats").default;

let passed = 0;
let failed = 0;

function note(name, faults) {
	if (faults.length === 0) {
		passed++;
		return;
	}
	failed++;
	console.log(`not ok  ${name}`);
	for (const fault of [...new Set(faults)].slice(0, 8))
		console.log(`    ${fault}`);
}

/* Rules of "recommended" that do not fit, each with its reason. */
const RULES = {
	/* There is one licence to use: that of whoever runs the service. */
	"info-license": "off",
	"info-license-url": "off",
	/* A document that a daemon serves is about itself, on any host. */
	"no-server-example.com": "off",
	"no-empty-servers": "off",
	/* A wrong method or header may be all that can go wrong. */
	"operation-4xx-response": "error",
	"operation-operationId": "error",
	"no-unused-components": "error",
};

async function lint(text) {
	const config = await createConfig({
		extends: ["recommended"],
		rules: RULES,
	});
	const problems = await lintFromString({ source: text, config });
	note(
		"the document is clean",
		problems.map(
			(p) =>
				`${p.severity} ${p.ruleId}: ${p.message} at ` +
				p.location.map((l) => l.pointer).join(" "),
		),
	);
}

const METHODS = ["get", "head", "post", "put", "patch", "delete", "options"];

/* Every operation of the document, with what its path looks like. */
function operations(document) {
	const found = [];
	for (const [template, item] of Object.entries(document.paths))
		for (const method of METHODS.filter((m) => m in item))
			found.push({
				name: `${method.toUpperCase()} ${template}`,
				method,
				template,
				responses: item[method].responses,
				pattern: new RegExp(
					"^" +
						template.replace(
							/\{[^}]+\}/g,
							"[^/]+",
						) +
						"$",
				),
				seen: 0,
			});
	/* What is written out goes before what has parameters. */
	return found.sort(
		(a, b) =>
			a.template.split("{").length -
			b.template.split("{").length,
	);
}

function pointer(...parts) {
	return parts
		.map((p) =>
			encodeURIComponent(
				p.replaceAll("~", "~0").replaceAll("/", "~1"),
			),
		)
		.join("/");
}

/* Where the description of this status stands, references followed. */
function response(document, operation, status) {
	const key = [status, `${status[0]}XX`, "default"].find(
		(k) => k in operation.responses,
	);
	if (key === undefined)
		return undefined;
	let at = ["paths", operation.template, operation.method, "responses",
		key];
	let value = operation.responses[key];
	if (value.$ref !== undefined) {
		at = value.$ref
			.split("/")
			.slice(1)
			.map((p) =>
				p.replaceAll("~1", "/").replaceAll("~0", "~"));
		value = at.reduce((node, step) => node[step], document);
	}
	return { at, value };
}

/* Of every schema one validator: compiling is what takes the time. */
function validatorOf(ajv, known, ref) {
	if (!known.has(ref))
		known.set(ref, ajv.compile({ $ref: ref }));
	return known.get(ref);
}

function faultsOf(validator, document, operation, answer) {
	const described = response(document, operation,
				   String(answer.status));
	if (described === undefined)
		return [`status ${answer.status} is not in the document`];
	const content = described.value.content;
	if (content === undefined)
		return answer.body === ""
			? []
			: ["a body where the document has none"];
	if (answer.method === "HEAD")
		return answer.body === "" ? [] : ["HEAD was answered a body"];
	const type = (answer.type ?? "").split(";")[0];
	if (!(type in content))
		return [`content type "${type}" is not in the document`];
	if (content[type].schema === undefined)
		return answer.body === null || !/\bjson$/.test(type)
			? []
			: ["JSON where something else is due"];
	const validate = validator(
		"served#/" +
		pointer(...described.at, "content", type, "schema"),
	);
	let body;
	try {
		body = JSON.parse(answer.body);
	} catch (e) {
		return [`no JSON: ${e.message}`];
	}
	return validate(body)
		? []
		: validate.errors.map(
				(e) =>
					`${e.instancePath || "/"} ${e.message} ` +
					(e.params.unevaluatedProperty ??
					 e.params.additionalProperty ?? ""),
			);
}

function recorded() {
	return fs
		.readdirSync(answers)
		.filter((name) => name.endsWith(".jsonl"))
		.flatMap((name) =>
			fs
				.readFileSync(path.join(answers, name), "utf8")
				.split("\n")
				.filter((line) => line !== "")
				.map((line) => JSON.parse(line)),
		);
}

function holdAnswers(document) {
	const ajv = new Ajv({ strict: false, allErrors: true });
	formats(ajv);
	ajv.addSchema(document, "served", undefined, false);
	const compiled = new Map();
	const validator = (ref) => validatorOf(ajv, compiled, ref);
	const all = operations(document);
	const cases = new Map();
	for (const answer of recorded()) {
		const target = answer.path.split("?")[0];
		const method =
			answer.method === "HEAD" ? "get" : answer.method.toLowerCase();
		const operation = all.find(
			(o) => o.method === method && o.pattern.test(target),
		);
		/* 404 and 405 of what is not in the document prove nothing. */
		if (operation === undefined && [404, 405, 501].includes(answer.status))
			continue;
		const name =
			(operation?.name ?? `${answer.method} ${target}`) +
			` -> ${answer.status}`;
		const faults = cases.get(name) ?? [];
		cases.set(name, faults);
		if (operation === undefined) {
			faults.push("the document has no such operation");
			continue;
		}
		operation.seen += answer.status < 400 ? 1 : 0;
		faults.push(...faultsOf(validator, document, operation, answer));
	}
	for (const [name, faults] of cases)
		note(name, faults);
	for (const operation of all)
		note(
			`${operation.name} was tried`,
			operation.seen > 0 ? [] : ["no test got a good answer"],
		);
}

async function main() {
	const text = fs.readFileSync(path.join(answers, "openapi.json"),
				     "utf8");
	await lint(text);
	holdAnswers(JSON.parse(text));
	console.log(`${passed} passed, ${failed} failed`);
	process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

main();
