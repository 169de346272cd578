//! One evaluation in a JavaScript engine of its own, with limits on memory, stack, time and jobs.

use crate::domain::text::clean;
use crate::evaluate::Standing;
use rquickjs::context::{EvalOptions, intrinsic};
use rquickjs::promise::PromiseState;
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Exception, Function, Object, Runtime, Value};
use rustix::time::{ClockId, clock_gettime};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// The longest latency that a script may give, in milliseconds: a day.
const LATENCY_MAX: f64 = 86_400_000.0;
const MEMORY_BYTES_MAX: usize = 8 << 20;
const STACK_BYTES_MAX: usize = 256 << 10;
/// Of the processor, so that a busy machine fails no script.
pub(super) const TIME_MAX: Duration = Duration::from_millis(50);
/// How many jobs a promise may take to settle.
const JOBS_MAX: usize = 10_000;
/// The longest message, in characters.
const MESSAGE_MAX: usize = 300;
/// What the engine calls the file; the line is read from behind it.
const FILE: &str = "<script>";

/// What the language offers to a script: no clock finer than a millisecond, no weak references, and nothing
/// that reaches outside, which the engine does not have.
type Language = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Of the script, counted from 1.
    pub(super) line: Option<u32>,
    pub(super) message: String,
}

/// An engine that has not been used.
pub(super) struct Sandbox {
    runtime: Runtime,
    context: Context,
}

/// One evaluation under way.
struct Run<'js> {
    ctx: Ctx<'js>,
    is_over: Rc<Cell<bool>>,
}

impl Sandbox {
    /// An engine with everything set but the clock.
    pub(super) fn new() -> rquickjs::Result<Self> {
        let runtime = Runtime::new()?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(STACK_BYTES_MAX);
        let context = Context::custom::<Language>(&runtime)?;
        context.with(|ctx| silence(&ctx))?;
        Ok(Self { runtime, context })
    }

    /// Evaluates the script and calls its function with the results of a round, given as JSON.
    pub(super) fn evaluate(self, source: &str, pings: &str) -> Result<(Standing, f64), Fault> {
        let is_over = Rc::new(Cell::new(false));
        let (handler, until) = (Rc::clone(&is_over), worked() + TIME_MAX);
        self.runtime.set_interrupt_handler(Some(Box::new(move || {
            handler.set(handler.get() || worked() > until);
            handler.get()
        })));
        self.context.with(|ctx| Run { ctx, is_over }.evaluate(source, pings))
    }
}

/// Gives scripts a `console` that says nothing to nobody: one that was tried elsewhere may still write to it.
fn silence(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    let (console, nothing) = (Object::new(ctx.clone())?, Function::new(ctx.clone(), || {})?);
    for name in ["log", "info", "warn", "error", "debug"] {
        console.set(name, nothing.clone())?;
    }
    ctx.globals().set("console", console)
}

/// How long this thread has had the processor.
fn worked() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

impl<'js> Run<'js> {
    fn evaluate(&self, source: &str, pings: &str) -> Result<(Standing, f64), Fault> {
        let function = self.load(source)?;
        let pings = self.caught(self.ctx.json_parse(pings))?;
        let returned: Value<'js> = self.caught(function.call((pings,)))?;
        let settled = match returned.as_promise() {
            Some(_) => self.settled(&returned)?,
            None => returned,
        };
        self.verdict(&settled)
    }

    /// The function that the script gives: what it comes to, as the documents print it (`;(async function …)`),
    /// or the script as an expression, as in a bare `function (pings) { … }`, which alone is no statement.
    fn load(&self, source: &str) -> Result<Function<'js>, Fault> {
        let as_script = self.run(source);
        if let Some(function) = as_script.as_ref().ok().and_then(Value::as_function) {
            return Ok(function.clone());
        }
        let is_filler = |c: char| c.is_whitespace() || c == ';';
        let bare = source.trim_start_matches(is_filler);
        let lines_before = source[..source.len() - bare.len()].matches('\n').count();
        let expression = format!("({}{}\n)", "\n".repeat(lines_before), bare.trim_end_matches(is_filler));
        let as_expression = if self.is_over.get() { None } else { Some(self.run(&expression)) };
        match (as_script, as_expression) {
            (_, Some(Ok(value))) if value.is_function() => {
                value.into_function().ok_or_else(|| Fault::new("no function"))
            }
            (Ok(value), _) => {
                let found = describe(&value);
                Err(Fault::new(&format!("is {found}, not a function: end it with (pings) => ({{ status, latency }})")))
            }
            // What is wrong further down is wrong in the reading that got further.
            (Err(first), Some(Err(second))) if second.line > first.line => Err(second),
            (Err(fault), _) => Err(fault),
        }
    }

    fn run(&self, source: &str) -> Result<Value<'js>, Fault> {
        let mut options = EvalOptions::default();
        options.strict = false;
        options.filename = Some(FILE.to_owned());
        self.caught(self.ctx.eval_with_options(source, options))
    }

    /// What a promise comes to.
    fn settled(&self, promised: &Value<'js>) -> Result<Value<'js>, Fault> {
        let Some(promise) = promised.as_promise() else { return Ok(promised.clone()) };
        for _ in 0..JOBS_MAX {
            if let Some(result) = promise.result() {
                return self.caught(result);
            }
            let has_worked = self.ctx.execute_pending_job();
            if self.is_over.get() {
                return Err(Fault::new(&too_long()));
            }
            if !has_worked && promise.state() == PromiseState::Pending {
                return Err(Fault::new("its promise is never settled"));
            }
        }
        Err(Fault::new(&format!("its promise is not settled after {JOBS_MAX} jobs")))
    }

    /// Reads `{ status, latency }`; a property may be a getter, which may do anything.
    fn verdict(&self, returned: &Value<'js>) -> Result<(Standing, f64), Fault> {
        let wrong = |what: &str, value: &Value<'js>, instead: &str| {
            Fault::new(&format!("{what} {}: {instead}", describe(value)))
        };
        let Some(object) = returned.as_object() else {
            return Err(wrong("it returned", returned, "return { status, latency }"));
        };
        let status: Value<'js> = self.caught(object.get("status"))?;
        let standing = text_of(&status).and_then(|word| Standing::parse(&word));
        let standing =
            standing.ok_or_else(|| wrong("its status is", &status, "use 'UP', 'DEGRADED', 'DOWN' or 'MAINTENANCE'"))?;
        let latency: Value<'js> = self.caught(object.get("latency"))?;
        let number = latency.as_number().filter(|number| (0.0..=LATENCY_MAX).contains(number));
        let number =
            number.ok_or_else(|| wrong("its latency is", &latency, "use a number of milliseconds from 0 to a day"))?;
        Ok((standing, number))
    }

    fn caught<T>(&self, result: rquickjs::Result<T>) -> Result<T, Fault> {
        let error = match result.catch(&self.ctx) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let mut fault = match &error {
            CaughtError::Exception(exception) => thrown(exception),
            CaughtError::Value(value) if value.is_null() => Fault::new("out of memory, or null was thrown"),
            CaughtError::Value(value) => Fault::new(&format!("threw {}", describe(value))),
            CaughtError::Error(error) => Fault::new(&error.to_string()),
        };
        if self.is_over.get() {
            fault.message = too_long();
        }
        Err(fault)
    }
}

impl Fault {
    fn new(message: &str) -> Self {
        Self { line: None, message: clean(message, MESSAGE_MAX) }
    }
}

fn too_long() -> String {
    format!("takes longer than {} ms", TIME_MAX.as_millis())
}

/// `TypeError: not a function`, and the innermost line of the script that led there.
fn thrown(exception: &Exception<'_>) -> Fault {
    let object: &Object<'_> = exception.as_object();
    let name = object.get::<_, Value<'_>>("name").ok().and_then(|name| text_of(&name));
    let message = exception.message().unwrap_or_default();
    let stack = exception.stack().unwrap_or_default();
    let place = stack.split_once(FILE).and_then(|(_, rest)| rest.strip_prefix(':'));
    let digits = place.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    let line = digits.and_then(|digits| digits.parse().ok());
    let message = format!("{}: {message}", name.as_deref().unwrap_or("Error"));
    Fault { line, ..Fault::new(&message) }
}

fn text_of(value: &Value<'_>) -> Option<String> {
    value.as_string().and_then(|text| text.to_string().ok())
}

/// A value in few words, without running anything of it.
fn describe(value: &Value<'_>) -> String {
    match (text_of(value), value.as_number(), value.as_bool()) {
        (Some(text), ..) => format!("'{}'", clean(&text, 40)),
        (_, Some(number), _) => number.to_string(),
        (_, _, Some(truth)) => truth.to_string(),
        _ if value.is_undefined() => "undefined".to_owned(),
        _ if value.is_null() => "null".to_owned(),
        _ if value.is_function() => "a function".to_owned(),
        _ if value.is_array() => "an array".to_owned(),
        _ if value.is_object() => "an object".to_owned(),
        _ => format!("a {}", value.type_name()),
    }
}
