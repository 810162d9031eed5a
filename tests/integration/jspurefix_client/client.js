// A jspurefix initiator under the control of test_jspurefix.py. jspurefix does the session: logon, numbers,
// heartbeats, resend, checks against its own dictionary. This file decides nothing; it sends what it is told to
// and prints each message as it went over the wire.
//
//     node client.js DESCRIPTION.json       (NODE_PATH: where jspurefix is installed)
//
// Standard input, a line a command: {"type": "D", "fields": {...}}, {"do": "logout"}. Standard output:
// "> 8=FIX.4.4|..." sent, "< ..." received, "ready" after each Logon, "app 35=...|..." the fields the application
// reads from a message the engine let through, "stopped REASON" at the end. Standard error: the engine's own log.
'use strict'
require('reflect-metadata')
const fs = require('fs')
const readline = require('readline')
const { AsciiSession, EmptyLogFactory, SessionLauncher } = require('jspurefix')

const READ = [35, 34, 43, 122, 11, 41, 37, 198, 150, 39, 38, 32, 14, 151, 58]
const say = (text) => fs.writeSync(1, text.replace(/\x01/g, '|') + '\n')

class Client extends AsciiSession {
  constructor (config) {
    super(config)
    this.checkMsgIntegrity = true // checksum, unknown and missing tags; its default for acceptors only
  }

  onDecoded (_, text) { say(`< ${text}`) }
  onEncoded (_, text) { say(`> ${text}`) }
  onApplicationMsg (_, view) {
    say('app ' + READ.map((tag) => [tag, view.getString(tag)]).filter(([, value]) => value != null)
      .map(([tag, value]) => `${tag}=${value}`).join('|') + '|')
  }

  onLogon () { return true }
  onStopped (error) { say(`stopped ${error ? error.message : ''}`) }

  onReady () {
    say('ready')
    if (this.commands) return
    this.commands = readline.createInterface({ input: process.stdin })
    this.commands.on('line', (line) => {
      const command = JSON.parse(line)
      if (command.do === 'logout') {
        this.done()
      } else {
        this.send(command.type, { TransactTime: new Date(), ...command.fields })
      }
    })
  }
}

class Launcher extends SessionLauncher {
  constructor (description) { super(description, null, new EmptyLogFactory()) }
  makeFactory () { return { makeSession: (config) => new Client(config) } }
}

new Launcher(JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))).run()
  .catch((error) => { say(`stopped ${error.message}`); process.exitCode = 1 })
  .finally(() => process.stdin.destroy()) // and no exit(): its store may still be writing
